package example;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.daguerre.Daguerre;
import org.daguerre.langchain4j.DaguerreImageModel;

/** A picture and an edit of it through LangChain4j: {@code mvn compile exec:java}. */
public final class WithLangChain4j {
    private WithLangChain4j() {
    }

    public static void main(String[] args) throws Exception {
        try (Daguerre session = Daguerre.open()) {
            ImageModel model = new DaguerreImageModel(session, r -> r.seed(42).strength(0.6));
            Image circle = model.generate("a red circle").content();
            Image square = model.edit(circle, "a blue square").content();
            save(circle, Path.of("circle.png"));
            save(square, Path.of("square.png"));
        }
    }

    private static void save(Image image, Path file) throws Exception {
        Files.write(file, Base64.getDecoder().decode(image.base64Data()));
        System.out.println(file);
    }
}
