# OpenBLAS, three ways (docs/blas.md):
#   private  its archive, made one object whose every name is local: fast kernels with nothing set, and no other OpenBLAS
#            in the process is touched
#   shared   the system's shared library
#   none     the library's own kernels alone
# auto takes the first that this machine offers. Sets PVG_BLAS_KIND, PVG_BLAS_OBJECT and PVG_BLAS_INCLUDE.
set(PVG_BLAS auto CACHE STRING "OpenBLAS: auto, private, shared or none")
set_property(CACHE PVG_BLAS PROPERTY STRINGS auto private shared none)

pkg_check_modules(OPENBLAS QUIET IMPORTED_TARGET GLOBAL openblas)
find_library(PVG_BLAS_ARCHIVE NAMES libopenblas.a HINTS ${OPENBLAS_LIBDIR}
             PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread)
find_path(PVG_BLAS_INCLUDE NAMES openblas_config.h HINTS ${OPENBLAS_INCLUDEDIR}
          PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread)

set(PVG_BLAS_KIND ${PVG_BLAS})
if(PVG_BLAS STREQUAL auto)
  set(PVG_BLAS_KIND none)
  if(OPENBLAS_FOUND AND PVG_BLAS_INCLUDE)
    set(PVG_BLAS_KIND shared)
  endif()
  if(PVG_BLAS_ARCHIVE AND PVG_BLAS_INCLUDE AND CMAKE_OBJCOPY AND CMAKE_LINKER)
    set(PVG_BLAS_KIND private)
  endif()
endif()
if(PVG_BLAS_KIND STREQUAL private AND NOT (PVG_BLAS_ARCHIVE AND PVG_BLAS_INCLUDE)
   OR PVG_BLAS_KIND STREQUAL shared AND NOT (OPENBLAS_FOUND AND PVG_BLAS_INCLUDE))
  message(FATAL_ERROR "OpenBLAS was not found: apt-get install libopenblas-pthread-dev, or configure with -DPVG_BLAS=none")
endif()
message(STATUS "OpenBLAS: ${PVG_BLAS_KIND}")

if(PVG_BLAS_KIND STREQUAL private)
  set(wanted cblas_sgemm openblas_get_config openblas_get_corename openblas_get_parallel)
  set(link_options)
  set(copy_options --redefine-sym getenv=pvi_blas_getenv)
  foreach(name ${wanted})
    list(APPEND link_options -u ${name})
    list(APPEND copy_options --redefine-sym ${name}=pvi_private_${name} --keep-global-symbol=pvi_private_${name})
  endforeach()
  # Kernels of a processor family that another one's serve as well are left out: 7 MB instead of 25.
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    set(like_PRESCOTT ATHLON ATOM BANIAS BARCELONA BOBCAT COPPERMINE CORE2 DUNNINGTON KATMAI NANO NORTHWOOD OPTERON
                      OPTERON_SSE3 PENRYN)
    set(like_SANDYBRIDGE BULLDOZER EXCAVATOR PILEDRIVER STEAMROLLER)
    set(like_HASWELL ZEN)
    set(like_SKYLAKEX COOPERLAKE)
    foreach(core PRESCOTT SANDYBRIDGE HASWELL SKYLAKEX)
      foreach(twin ${like_${core}})
        list(APPEND link_options --defsym=gotoblas_${twin}=gotoblas_${core})
      endforeach()
    endforeach()
  endif()
  set(PVG_BLAS_OBJECT ${CMAKE_CURRENT_BINARY_DIR}/openblas-private.o)
  add_custom_command(OUTPUT ${PVG_BLAS_OBJECT}
    COMMAND ${CMAKE_LINKER} -r -d -o ${PVG_BLAS_OBJECT}.all ${link_options} ${PVG_BLAS_ARCHIVE}
    COMMAND ${CMAKE_OBJCOPY} ${copy_options} ${PVG_BLAS_OBJECT}.all ${PVG_BLAS_OBJECT}
    COMMAND ${CMAKE_COMMAND} -E rm ${PVG_BLAS_OBJECT}.all
    DEPENDS ${PVG_BLAS_ARCHIVE} VERBATIM COMMENT "Making a private OpenBLAS")
  add_custom_target(pvgame_blas DEPENDS ${PVG_BLAS_OBJECT})
  set_source_files_properties(${PVG_BLAS_OBJECT} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endif()
