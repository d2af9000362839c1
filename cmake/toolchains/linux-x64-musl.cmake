# GCC with musl and a C++ runtime of its own, as scripts/musl.mjs makes them in the folder CONVOLT_SYSROOT.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CONVOLT_SYSROOT)
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_CXX_COMPILER ${CONVOLT_SYSROOT}/bin/x86_64-linux-musl-g++)
