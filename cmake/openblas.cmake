# convolt_openblas: OpenBLAS's pthread archive, linked statically. Never the serial one: it may not be called from
# several threads at once.
find_library(CONVOLT_OPENBLAS_ARCHIVE libopenblas.a PATH_SUFFIXES openblas-pthread REQUIRED)
if(NOT CONVOLT_OPENBLAS_ARCHIVE MATCHES "pthread|locked")
  message(WARNING "${CONVOLT_OPENBLAS_ARCHIVE} may be the serial OpenBLAS, which is not safe to call from several threads; "
    "on Debian and Ubuntu, install libopenblas-pthread-dev")
endif()
find_path(CONVOLT_CBLAS_FOLDER cblas.h PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread REQUIRED)

add_library(convolt_openblas INTERFACE)
target_include_directories(convolt_openblas SYSTEM INTERFACE ${CONVOLT_CBLAS_FOLDER})
target_link_libraries(convolt_openblas INTERFACE ${CONVOLT_OPENBLAS_ARCHIVE} pthread m ${CMAKE_DL_LIBS})

# The archive holds kernels for every x86-64 core type since 2004. A core type that is aliased to another one is not
# linked: those without AVX become Nehalem (x86-64-v2, which all of Convolt needs), the others their nearest relative.
set(convolt_core_aliases)
function(convolt_alias_cores core)
  foreach(alias IN LISTS ARGN)
    list(APPEND convolt_core_aliases -Wl,--defsym=gotoblas_${alias}=gotoblas_${core})
  endforeach()
  set(convolt_core_aliases ${convolt_core_aliases} PARENT_SCOPE)
endfunction()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  convolt_alias_cores(NEHALEM PRESCOTT CORE2 PENRYN DUNNINGTON ATOM NANO OPTERON OPTERON_SSE3 BARCELONA BOBCAT)
  convolt_alias_cores(SANDYBRIDGE BULLDOZER PILEDRIVER STEAMROLLER)
  convolt_alias_cores(HASWELL EXCAVATOR)
  convolt_alias_cores(SKYLAKEX COOPERLAKE)
endif()

# Of the cores that are left, only what a product in single precision calls is linked. An archive that this does not fit
# is linked as it is.
if(CMAKE_NM AND UNIX AND NOT APPLE AND NOT CONVOLT_OPENBLAS_ARCHIVE MATCHES "locked")
  include(cmake/openblas-parts.cmake)
  set(convolt_parts_folder ${CMAKE_CURRENT_BINARY_DIR}/openblas)
  set(convolt_parts ${CMAKE_CURRENT_SOURCE_DIR}/native/gemm/openblas-parts.c)
  convolt_list_absent_parts(${CONVOLT_OPENBLAS_ARCHIVE} ${convolt_parts_folder}/openblas-absent.inc)
  try_compile(CONVOLT_OPENBLAS_PARTS ${convolt_parts_folder}/check
    SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/cmake/openblas-check.cc ${convolt_parts}
    CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${convolt_parts_folder}
    LINK_OPTIONS ${convolt_core_aliases}
    LINK_LIBRARIES ${CONVOLT_OPENBLAS_ARCHIVE} pthread m dl
    OUTPUT_VARIABLE convolt_parts_output)
  if(CONVOLT_OPENBLAS_PARTS)
    add_library(convolt_openblas_parts OBJECT ${convolt_parts})
    target_include_directories(convolt_openblas_parts PRIVATE ${convolt_parts_folder})
    target_link_libraries(convolt_openblas INTERFACE $<TARGET_OBJECTS:convolt_openblas_parts>)
    target_link_options(convolt_openblas INTERFACE ${convolt_core_aliases})
  else()
    message(WARNING "${CONVOLT_OPENBLAS_ARCHIVE} is linked whole, since linking parts of it failed: ${convolt_parts_output}")
  endif()
endif()
