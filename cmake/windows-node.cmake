# convolt_node: what the addon links to on Windows, where each symbol must name the program that has it: node.exe. Made from the
# list of Node-API's functions that cmake-js names.
set(convolt_node_library ${CMAKE_CURRENT_BINARY_DIR}/libnode.a)
get_filename_component(convolt_compiler_folder ${CMAKE_CXX_COMPILER} DIRECTORY)
find_program(CONVOLT_DLLTOOL NAMES dlltool x86_64-w64-mingw32-dlltool llvm-dlltool HINTS ${convolt_compiler_folder} REQUIRED)
execute_process(COMMAND ${CONVOLT_DLLTOOL} -d ${CMAKE_JS_NODELIB_DEF} -D node.exe -l ${convolt_node_library}
  COMMAND_ERROR_IS_FATAL ANY)
add_library(convolt_node INTERFACE)
target_link_libraries(convolt_node INTERFACE ${convolt_node_library})
