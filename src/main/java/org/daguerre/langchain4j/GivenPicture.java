package org.daguerre.langchain4j;

import dev.langchain4j.data.image.Image;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import org.daguerre.image.DecodedImage;
import org.daguerre.image.ImageFiles;

/** Reads the pictures of edits: base64 data, or a {@code data:} or {@code file:} address. Nothing is fetched from a network. */
final class GivenPicture {
    private static final String BASE64 = ";base64,";

    private GivenPicture() {
    }

    static DecodedImage decode(Image image) {
        try {
            if (image.base64Data() != null) {
                return fromBase64(image.base64Data());
            }
            URI address = image.url();
            String scheme = address == null ? "" : String.valueOf(address.getScheme());
            return switch (scheme) {
                case "data" -> fromBase64(data(address.getSchemeSpecificPart()));
                case "file" -> ImageFiles.decode(Path.of(address));
                default -> throw new IllegalArgumentException("edit: expected a picture as base64 data or with a data: or file: address, "
                    + "found " + (address == null ? "neither" : "an address of scheme " + scheme));
            };
        } catch (IOException e) {
            throw new IllegalArgumentException("edit: " + e.getMessage(), e);
        }
    }

    private static DecodedImage fromBase64(String text) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("edit: expected base64 data, found other characters (" + e.getMessage() + ")", e);
        }
        return ImageFiles.decode(bytes, "given to edit");
    }

    private static String data(String part) {
        int at = part.indexOf(BASE64);
        if (at < 0) {
            throw new IllegalArgumentException("edit: expected a data: address in base64, found another encoding");
        }
        return part.substring(at + BASE64.length());
    }
}
