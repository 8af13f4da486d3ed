# The reference of the public headers, in build/reference/html: cmake --build build/release --target docs
find_program(PVG_DOXYGEN doxygen)
find_package(Python3 QUIET COMPONENTS Interpreter)
if(PVG_DOXYGEN AND Python3_FOUND)
  set(PVG_DOCS_DIR ${PROJECT_BINARY_DIR}/reference)
  file(MAKE_DIRECTORY ${PVG_DOCS_DIR})
  configure_file(cmake/doxygen/Doxyfile.in ${PVG_DOCS_DIR}/Doxyfile @ONLY)
  add_custom_target(docs COMMAND ${PVG_DOXYGEN} ${PVG_DOCS_DIR}/Doxyfile VERBATIM COMMENT "Writing reference/html")
endif()
