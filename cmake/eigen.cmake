# convolt_linalg: dense linear algebra and Fourier transforms. Eigen (headers only) stays within native/linalg.
find_path(CONVOLT_EIGEN_FOLDER Eigen/Dense PATH_SUFFIXES eigen3 REQUIRED)

file(GLOB linalg_sources CONFIGURE_DEPENDS native/linalg/*.cc)
add_library(convolt_linalg STATIC ${linalg_sources})
target_include_directories(convolt_linalg PUBLIC native)
target_include_directories(convolt_linalg SYSTEM PRIVATE ${CONVOLT_EIGEN_FOLDER})
# Exceptions are on here alone: that is how Eigen tells that memory is short.
target_compile_definitions(convolt_linalg PRIVATE EIGEN_NO_DEBUG EIGEN_MPL2_ONLY)
