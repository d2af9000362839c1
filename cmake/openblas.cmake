# convolt_openblas: OpenBLAS's pthread archive, linked statically. Never the serial one: it may not be called from
# several threads at once.
find_library(CONVOLT_OPENBLAS_ARCHIVE libopenblas.a PATH_SUFFIXES openblas-pthread REQUIRED)
if(NOT CONVOLT_OPENBLAS_ARCHIVE MATCHES "pthread")
  message(WARNING "${CONVOLT_OPENBLAS_ARCHIVE} may be the serial OpenBLAS, which is not safe to call from several threads; "
    "on Debian and Ubuntu, install libopenblas-pthread-dev")
endif()
find_path(CONVOLT_CBLAS_FOLDER cblas.h PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread REQUIRED)

add_library(convolt_openblas INTERFACE)
target_include_directories(convolt_openblas SYSTEM INTERFACE ${CONVOLT_CBLAS_FOLDER})
target_link_libraries(convolt_openblas INTERFACE ${CONVOLT_OPENBLAS_ARCHIVE} pthread m dl)

# The archive holds kernels for every x86-64 core type since 2004. A core type that is aliased to another one is not
# linked: those without AVX become Nehalem (x86-64-v2, which all of Convolt needs), the others their nearest relative.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  foreach(core PRESCOTT CORE2 PENRYN DUNNINGTON ATOM NANO OPTERON OPTERON_SSE3 BARCELONA BOBCAT)
    list(APPEND convolt_core_aliases -Wl,--defsym=gotoblas_${core}=gotoblas_NEHALEM)
  endforeach()
  foreach(core BULLDOZER PILEDRIVER STEAMROLLER)
    list(APPEND convolt_core_aliases -Wl,--defsym=gotoblas_${core}=gotoblas_SANDYBRIDGE)
  endforeach()
  list(APPEND convolt_core_aliases
    -Wl,--defsym=gotoblas_EXCAVATOR=gotoblas_HASWELL -Wl,--defsym=gotoblas_COOPERLAKE=gotoblas_SKYLAKEX)

  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES ${CONVOLT_OPENBLAS_ARCHIVE} pthread m dl)
  set(CMAKE_REQUIRED_LINK_OPTIONS ${convolt_core_aliases})
  check_cxx_source_compiles("extern \"C\" char* openblas_get_config(); extern \"C\" int cblas_sgemm(...);
    int main() { return openblas_get_config() == nullptr ? cblas_sgemm() : 0; }" CONVOLT_OPENBLAS_ALIASES)
  unset(CMAKE_REQUIRED_LIBRARIES)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(CONVOLT_OPENBLAS_ALIASES)
    target_link_options(convolt_openblas INTERFACE ${convolt_core_aliases})
  endif()
endif()
