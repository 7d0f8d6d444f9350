package org.daguerre.weights.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.MappedFile;

/** A torch file since 1.6: a zip with {@code NAME/data.pkl} and one member {@code NAME/data/KEY} per storage. */
final class TorchZip implements TorchStorages {
    private static final String PICKLE = "/data.pkl";
    private static final int MAX_PICKLE_BYTES = 64 << 20;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    /** Deflate cannot do better than 1032 to 1. */
    private static final long MAX_RATIO = 1100;

    private final MappedFile file;
    private final ZipDirectory zip;
    private final String prefix;

    TorchZip(MappedFile file) {
        this.file = file;
        this.zip = new ZipDirectory(file);
        this.prefix = findPrefix();
        member("byteorder").ifPresent(m -> {
            String order = StandardCharsets.US_ASCII.decode(slice(m, 0, m.size())).toString().trim();
            if (!order.equals("little")) {
                throw CheckpointException.of(file.path(), "little-endian numbers", order);
            }
        });
    }

    private String findPrefix() {
        List<String> pickles = zip.members().keySet().stream()
            .filter(n -> n.endsWith(PICKLE) && n.indexOf('/') == n.length() - PICKLE.length()).toList();
        if (pickles.size() != 1) {
            throw CheckpointException.of(file.path(), "a torch file with one data.pkl", pickles.isEmpty()
                ? "a zip file with other members" : "several: " + pickles);
        }
        String found = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length() + 1);
        if (zip.members().containsKey(found + "constants.pkl")) {
            throw CheckpointException.of(file.path(), "a file of weights", "a TorchScript program");
        }
        return found;
    }

    private Optional<ZipDirectory.Member> member(String name) {
        return Optional.ofNullable(zip.members().get(prefix + name));
    }

    /** The pickle that describes the contents. */
    ByteBuffer pickle() {
        ZipDirectory.Member m = member("data.pkl").orElseThrow();
        if (m.size() > MAX_PICKLE_BYTES) {
            throw CheckpointException.of(file.path(), "a pickle of at most " + MAX_PICKLE_BYTES + " bytes",
                m.size() + " bytes");
        }
        return slice(m, 0, m.size());
    }

    @Override
    public long bytes(String key) {
        return member("data/" + key).map(ZipDirectory.Member::size).orElse(-1L);
    }

    @Override
    public boolean mapped(String key) {
        return member("data/" + key).filter(TorchZip::stored).isPresent();
    }

    private static boolean stored(ZipDirectory.Member m) {
        return m.method() == STORED && m.compressed() == m.size();
    }

    @Override
    public ByteBuffer slice(String key, long offset, long length) {
        return slice(member("data/" + key).orElseThrow(), offset, length);
    }

    private ByteBuffer slice(ZipDirectory.Member m, long offset, long length) {
        if (offset < 0 || length < 0 || offset > m.size() - length) {
            throw CheckpointException.of(file.path(), "bytes inside zip member " + m.name(), "a range beyond its "
                + m.size() + " bytes");
        }
        long start = zip.dataStart(m);
        if (stored(m)) {
            return file.slice(start + offset, length);
        }
        if (m.method() != DEFLATED || m.size() > Integer.MAX_VALUE || m.size() > MAX_RATIO * (m.compressed() + 1)) {
            throw CheckpointException.of(file.path(), "zip member " + m.name() + " stored or deflated to its size",
                "method " + m.method() + ", " + m.compressed() + " bytes for " + m.size());
        }
        return inflate(m, file.slice(start, m.compressed())).slice((int) offset, (int) length)
            .order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer inflate(ZipDirectory.Member m, ByteBuffer compressed) {
        ByteBuffer out = ByteBuffer.allocateDirect((int) m.size());
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(compressed);
            while (out.hasRemaining() && !inflater.finished()) {
                if (inflater.inflate(out) == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
            }
        } catch (DataFormatException e) {
            throw CheckpointException.of(file.path(), "deflated bytes in zip member " + m.name(), e.toString(), e);
        } finally {
            inflater.end();
        }
        if (out.hasRemaining()) {
            throw CheckpointException.of(file.path(), m.size() + " bytes in zip member " + m.name(), "fewer");
        }
        return out.flip();
    }
}
