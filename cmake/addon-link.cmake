# How convolt.node is linked: nothing is visible but what Node-API asks for, and a release carries all that another machine may
# lack.
target_link_options(convolt_addon PRIVATE ${convolt_drop_unused} $<$<CONFIG:Release>:${convolt_strip}>)
if(APPLE)
  target_link_options(convolt_addon PRIVATE -Wl,-undefined,dynamic_lookup) # Node-API is found when the addon is loaded
elseif(WIN32)
  include(cmake/windows-node.cmake)
  target_link_libraries(convolt_addon PRIVATE convolt_node)
else()
  target_link_options(convolt_addon PRIVATE -Wl,--exclude-libs,ALL)
  set(convolt_exports ${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
  target_link_options(convolt_addon PRIVATE -Wl,--version-script,${convolt_exports} -Wl,-z,relro,-z,now,-z,noexecstack
    -Wl,-Map,$<TARGET_FILE:convolt_addon>.map) # which scripts/inspect-binary.mjs reads
  set_property(TARGET convolt_addon APPEND PROPERTY LINK_DEPENDS ${convolt_exports})
endif()

if(NOT CONVOLT_RELEASE OR APPLE) # macOS has the C++ library everywhere
  return()
endif()
if(WIN32)
  target_link_options(convolt_addon PRIVATE -static) # the C++ library, and the threads of MinGW-w64
  return()
endif()

target_link_options(convolt_addon PRIVATE -static-libstdc++ -Wl,--as-needed)
include(CheckCXXSymbolExists)
check_cxx_symbol_exists(__GLIBC__ cstdlib CONVOLT_GLIBC)
if(NOT CONVOLT_GLIBC)
  target_link_options(convolt_addon PRIVATE -static-libgcc) # with glibc, Node itself brings libgcc_s
elseif(CONVOLT_GLIBC_FLOOR)
  include(cmake/glibc-floor.cmake)
  set(convolt_stubs ${CMAKE_CURRENT_BINARY_DIR}/glibc-${CONVOLT_GLIBC_FLOOR})
  convolt_glibc_stubs(${convolt_stubs} ${CONVOLT_GLIBC_FLOOR})
  target_link_options(convolt_addon PRIVATE -L${convolt_stubs})
  target_sources(convolt_addon PRIVATE bindings/glibc-floor.c)
endif()
