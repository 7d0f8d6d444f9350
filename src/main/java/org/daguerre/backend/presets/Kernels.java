package org.daguerre.backend.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Tells JavaCPP to turn {@code kernels.h} into {@code org.daguerre.backend.jni.Kernels}. */
@Properties(
    value = @Platform(include = "kernels.h", compiler = "cpp17", library = "jniDaguerre"),
    target = "org.daguerre.backend.jni", global = "org.daguerre.backend.jni.Kernels")
public class Kernels implements InfoMapper {
    @Override
    public void map(InfoMap map) {
        map.put(new Info("__cplusplus").define());
        // Without a pointer class, all of JavaCPP's tables are the same in every build.
        map.put(new Info("dg_last_error").javaText("public static native String dg_last_error();"));
    }
}
