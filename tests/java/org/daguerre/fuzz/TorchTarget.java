package org.daguerre.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.daguerre.tensor.HostTensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.torch.TorchFile;

/** Zip files with pickles, legacy pickles, and the pickle machine by itself: read to the end, or refused. */
public final class TorchTarget {
    private static final byte[] STORAGE = new byte[64];

    private static final FuzzFile FILES = new FuzzFile();

    private TorchTarget() {
    }

    static Stream<byte[]> seeds() {
        String tensor = "1\u0080\u0002}X\u0001\0\0\0tctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0"
            + "0X\u0003\0\0\0cpuK\u0010tQK\0(K\u0002K\u0004t(K\u0004K\u0001t\u0089ccollections\nOrderedDict\n)RtRs.";
        return Corpus.of("torch").fixtures("adapters/ti_sd1_a1111.pt", "adapters/ti_sd1_diffusers.bin", "adapters/ti_sd1_paramdict_legacy.pt")
            .with(tensor.getBytes(StandardCharsets.ISO_8859_1)).stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Path file = FILES.write("model.pt", data.length > 0 && data[0] == '1' ? zip(data) : data);
        try (TorchFile model = TorchFile.open(file)) {
            model.metadata();
            for (String name : model.names()) {
                HostTensor tensor = model.tensor(name);
                if (tensor.dtype().isFloat()) {
                    tensor.toFloats();
                } else {
                    tensor.data().rewind();
                }
            }
        } catch (CheckpointException e) {
            // refused: the other good end
        }
    }

    /** A first byte of 1 stands for a zip around the pickle that follows, with two storages. */
    private static byte[] zip(byte[] data) {
        Choices choices = new Choices(data);
        choices.next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            put(out, "m/data.pkl", choices.rest());
            put(out, "m/data/0", STORAGE);
            put(out, "m/data/1", STORAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(content);
    }
}
