package example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.daguerre.Daguerre;
import org.daguerre.springai.DaguerreImageModel;
import org.daguerre.springai.DaguerreImageOptions;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Two pictures through Spring AI; Spring closes the session at the end: {@code mvn compile exec:java}. */
@Configuration
public class WithSpringAi {
    @Bean
    public Daguerre session() {
        return Daguerre.open();
    }

    @Bean
    public ImageModel imageModel(Daguerre session) {
        return new DaguerreImageModel(session, r -> r.steps(20));
    }

    public static void main(String[] args) throws Exception {
        try (var context = new AnnotationConfigApplicationContext(WithSpringAi.class)) {
            ImageModel model = context.getBean(ImageModel.class);
            ImagePrompt prompt = new ImagePrompt("a red circle", DaguerreImageOptions.builder().n(2).seed(42).build());
            int i = 0;
            for (ImageGeneration picture : model.call(prompt).getResults()) {
                Path file = Path.of("circle-" + i++ + ".png");
                Files.write(file, Base64.getDecoder().decode(picture.getOutput().getB64Json()));
                System.out.println(file + " " + picture.getMetadata());
            }
        }
    }
}
