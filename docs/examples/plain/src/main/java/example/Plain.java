package example;

import java.nio.file.Path;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;

/** One picture with the built-in model: {@code mvn compile exec:java}. */
public final class Plain {
    private Plain() {
    }

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args.length > 0 ? args[0] : "circle.png");
        try (Daguerre sd = Daguerre.open()) {
            Result result = sd.generate(Request.builder("a red circle").seed(42).build());
            result.picture().save(file);
            System.out.println(file + ", made on " + sd.engine());
        }
    }
}
