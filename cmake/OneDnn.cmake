# oneDNN as the IMPORTED target daguerre_onednn, from the folder DAGUERRE_DNNL_DIR (libdnnl.so.3, libgomp.so.1 and include/, as unpacked
# from the jar org.bytedeco:dnnl:linux-x86_64).
if(NOT EXISTS "${DAGUERRE_DNNL_DIR}/libdnnl.so.3" OR NOT EXISTS "${DAGUERRE_DNNL_DIR}/include/dnnl.hpp")
    message(FATAL_ERROR "OneDnn.cmake: expected DAGUERRE_DNNL_DIR with libdnnl.so.3 and include/dnnl.hpp, found '${DAGUERRE_DNNL_DIR}'")
endif()

if(NOT TARGET daguerre_onednn)
    add_library(daguerre_onednn SHARED IMPORTED GLOBAL)
    set_target_properties(daguerre_onednn PROPERTIES
        IMPORTED_LOCATION ${DAGUERRE_DNNL_DIR}/libdnnl.so.3
        IMPORTED_SONAME libdnnl.so.3
        INTERFACE_INCLUDE_DIRECTORIES ${DAGUERRE_DNNL_DIR}/include)
endif()
