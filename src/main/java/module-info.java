/**
 * Stable Diffusion for the JVM: start with {@link org.daguerre.Daguerre}.
 *
 * <p>Exported is what requests, sessions and results are made of. The adapters' frameworks are brought by the application. oneDNN's jar
 * belongs on the class path, also where everything else is a module (docs/decisions/007-modules.md).
 */
module org.daguerre {
    requires java.management;
    requires transitive java.desktop;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;
    requires org.bytedeco.javacpp;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires static org.bytedeco.cuda;
    requires static langchain4j.core;
    requires static spring.ai.model;
    requires static spring.ai.commons;
    requires static spring.core;

    exports org.daguerre;
    exports org.daguerre.diffusion;
    exports org.daguerre.diffusion.random;
    exports org.daguerre.diffusion.sampler;
    exports org.daguerre.diffusion.schedule;
    exports org.daguerre.image;
    exports org.daguerre.langchain4j;
    exports org.daguerre.springai;
    exports org.daguerre.tensor;
    exports org.daguerre.text;
    exports org.daguerre.weights;

    opens org.daguerre.backend.jni to org.bytedeco.javacpp;
    opens org.daguerre.cli to info.picocli;
}
