# libpvgame.so, libpvgame.a, and what a program needs to find them. The installed tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(map ${PROJECT_SOURCE_DIR}/lib/api/pvgame.map)
add_library(pvgame SHARED $<TARGET_OBJECTS:pvgame_objects> ${PVG_BLAS_OBJECT})
set_target_properties(pvgame PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS ${map})
target_link_options(pvgame PRIVATE -Wl,--version-script=${map} -Wl,--exclude-libs,ALL -Wl,--no-undefined)
target_link_libraries(pvgame PRIVATE $<BUILD_INTERFACE:pvgame_usage>)

add_library(pvgame_static STATIC $<TARGET_OBJECTS:pvgame_objects> ${PVG_BLAS_OBJECT})
set_target_properties(pvgame_static PROPERTIES OUTPUT_NAME pvgame)
target_compile_definitions(pvgame_static INTERFACE PVG_STATIC)
target_link_libraries(pvgame_static PUBLIC ${PVG_LIBRARIES})
if(PVG_SANITIZE)
  target_link_options(pvgame INTERFACE -fsanitize=${PVG_SANITIZE})
  target_link_options(pvgame_static PUBLIC -fsanitize=${PVG_SANITIZE})
endif()

foreach(target pvgame pvgame_static)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                 $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/bindings/cpp/include>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  if(TARGET pvgame_blas)
    add_dependencies(${target} pvgame_blas)
  endif()
  add_library(pvgame::${target} ALIAS ${target})
  install(TARGETS ${target} EXPORT ${target}-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                     ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${target}-targets NAMESPACE pvgame:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pvgame)
endforeach()
install(DIRECTORY include/pvgame DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY bindings/cpp/include/pvgame DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

set(PVG_MODULES "jansson libxxhash libpcre2-8 libutf8proc gmp zlib")
if(PVG_BLAS_KIND STREQUAL shared)
  string(APPEND PVG_MODULES " openblas")
  set(PVG_BLAS_PAIR OPENBLAS:openblas)
endif()
file(RELATIVE_PATH PVG_PREFIX_FROM_PC ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/pvgame.pc.in pvgame.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pvgame.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
configure_package_config_file(cmake/pvgame-config.cmake.in pvgame-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pvgame)
write_basic_package_version_file(pvgame-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pvgame-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/pvgame-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pvgame)

# The library as two files, pvgame.c and pvgame.h, to be compiled into a program: docs/install.md.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_FOUND)
  add_custom_target(amalgamation VERBATIM COMMENT "Writing amalgamation/pvgame.c and pvgame.h"
    COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/amalgamate.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/amalgamation)
endif()

# What follows (the program) finds the library beside it, wherever the tree stands.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
