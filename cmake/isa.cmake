# Compiles the pure-loop sources once per instruction set, each into namespace convolt::${CONVOLT_ISA}.
set(convolt_isa_flags_generic "")
set(convolt_isa_flags_avx2 -mavx2 -mfma)
set(convolt_isa_flags_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(convolt_isas generic avx2 avx512)
else()
  set(convolt_isas generic)
endif()
if(CONVOLT_FUZZ) # Clang takes a quarter of an hour for this one, instrumented
  list(REMOVE_ITEM convolt_isas avx512)
endif()

# Loops that use more than their ISA promises, chosen when the process starts; and loops whose results are the same bits
# everywhere, since no two operations are joined into one rounding.
set_source_files_properties(native/loops/int8.cc native/loops/bytes.cc PROPERTIES COMPILE_OPTIONS -ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(native/loops/int8-vnni.cc PROPERTIES COMPILE_OPTIONS "-ffp-contract=off;-mavx512vnni")
  set_source_files_properties(native/loops/bit-popcount.cc PROPERTIES COMPILE_OPTIONS -mavx512vpopcntdq)
endif()

function(convolt_add_isa_variants target sources)
  foreach(isa IN LISTS convolt_isas)
    string(TOUPPER ${isa} upper)
    target_compile_definitions(${target} PRIVATE CONVOLT_HAS_${upper})
    if(sources)
      add_library(convolt_${isa} OBJECT ${sources})
      target_include_directories(convolt_${isa} PRIVATE native)
      target_compile_definitions(convolt_${isa} PRIVATE CONVOLT_ISA=${isa})
      target_compile_options(convolt_${isa} PRIVATE
        $<$<NOT:$<BOOL:${CONVOLT_FUZZ}>>:-O3> -fno-math-errno -fno-trapping-math -fno-exceptions -Wno-psabi ${convolt_isa_flags_${isa}})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:convolt_${isa}>)
    endif()
  endforeach()
endfunction()
