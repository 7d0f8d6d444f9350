package org.daguerre.weights.torch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.MappedFile;

/**
 * The table of contents of a zip file, zip64 included, so that members that are stored as they are can be mapped in
 * place. Every offset is checked against the file. Format: PKWARE APPNOTE 6.3.
 */
final class ZipDirectory {
    /** One member; {@code method} 0 is stored, 8 is deflated. */
    record Member(String name, int method, long compressed, long size, long header) {
    }

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END64_BYTES = 56;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int MEMBER_BYTES = 46;
    private static final int MEMBER_SIGNATURE = 0x02014b50;
    private static final int LOCAL_BYTES = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int MAX_COMMENT = 0xffff;
    private static final long MAX_DIRECTORY_BYTES = 16L << 20;
    private static final long U32_MAX = 0xffffffffL;
    private static final int EXTRA_ZIP64 = 1;

    private final MappedFile file;
    private final Map<String, Member> members = new LinkedHashMap<>();

    ZipDirectory(MappedFile file) {
        this.file = file;
        long end = findEnd();
        ByteBuffer record = file.slice(end, END_BYTES);
        long size = record.getInt(12) & U32_MAX;
        long start = record.getInt(16) & U32_MAX;
        long before = end;
        if (end >= LOCATOR_BYTES && file.slice(end - LOCATOR_BYTES, 4).getInt() == LOCATOR_SIGNATURE) {
            long end64 = file.slice(end - LOCATOR_BYTES + 8, 8).getLong();
            ByteBuffer record64 = checked(end64, END64_BYTES, END64_SIGNATURE, "zip64 end record");
            size = record64.getLong(40);
            start = record64.getLong(48);
            before = end64;
        }
        if (start < 0 || size < 0 || size > MAX_DIRECTORY_BYTES || start > before - size) {
            throw broken("a zip directory of at most " + MAX_DIRECTORY_BYTES + " bytes before byte " + before,
                size + " bytes at " + start);
        }
        readMembers(file.slice(start, size));
    }

    private CheckpointException broken(String expected, String found) {
        return CheckpointException.of(file.path(), expected, found);
    }

    private ByteBuffer checked(long offset, int bytes, int signature, String what) {
        if (offset < 0 || offset > file.size() - bytes) {
            throw broken("a " + what + " inside the file", "offset " + offset);
        }
        ByteBuffer record = file.slice(offset, bytes);
        if (record.getInt(0) != signature) {
            throw broken("a " + what + " at byte " + offset, String.format("bytes %08x", record.getInt(0)));
        }
        return record;
    }

    private long findEnd() {
        long searched = Math.min(file.size(), END_BYTES + MAX_COMMENT);
        ByteBuffer tail = file.slice(file.size() - searched, searched);
        for (int at = (int) searched - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE) {
                return file.size() - searched + at;
            }
        }
        throw broken("a zip file with a directory at its end", "none; the file is cut off");
    }

    private void readMembers(ByteBuffer directory) {
        int at = 0;
        while (at < directory.capacity()) {
            if (directory.capacity() - at < MEMBER_BYTES || directory.getInt(at) != MEMBER_SIGNATURE) {
                throw broken("an entry of the zip directory", "other bytes");
            }
            int nameBytes = directory.getShort(at + 28) & 0xffff;
            int extraBytes = directory.getShort(at + 30) & 0xffff;
            int commentBytes = directory.getShort(at + 32) & 0xffff;
            int next = at + MEMBER_BYTES + nameBytes + extraBytes + commentBytes;
            if (next > directory.capacity()) {
                throw broken("an entry inside the zip directory", "one that reaches beyond");
            }
            byte[] name = new byte[nameBytes];
            directory.get(at + MEMBER_BYTES, name);
            Member member = member(directory, at, new String(name, StandardCharsets.UTF_8),
                directory.slice(at + MEMBER_BYTES + nameBytes, extraBytes).order(directory.order()));
            if (members.put(member.name(), member) != null) {
                throw broken("members of different names in the zip", "two named " + member.name());
            }
            at = next;
        }
    }

    private Member member(ByteBuffer directory, int at, String name, ByteBuffer extra) {
        if ((directory.getShort(at + 8) & 1) != 0) {
            throw broken("plain members in the zip", "an encrypted one");
        }
        long compressed = directory.getInt(at + 20) & U32_MAX;
        long size = directory.getInt(at + 24) & U32_MAX;
        long header = directory.getInt(at + 42) & U32_MAX;
        ByteBuffer wide = zip64(extra);
        if (size == U32_MAX) {
            size = next(wide);
        }
        if (compressed == U32_MAX) {
            compressed = next(wide);
        }
        if (header == U32_MAX) {
            header = next(wide);
        }
        return new Member(name, directory.getShort(at + 10) & 0xffff, compressed, size, header);
    }

    /** The extra field with the 64-bit values; empty if there is none. */
    private static ByteBuffer zip64(ByteBuffer extra) {
        int at = 0;
        while (extra.capacity() - at >= 4) {
            int id = extra.getShort(at) & 0xffff;
            int length = Math.min(extra.getShort(at + 2) & 0xffff, extra.capacity() - at - 4);
            if (id == EXTRA_ZIP64) {
                return extra.slice(at + 4, length).order(extra.order());
            }
            at += 4 + length;
        }
        return extra.slice(0, 0);
    }

    private long next(ByteBuffer wide) {
        if (wide.remaining() < 8) {
            throw broken("64-bit sizes in the zip directory", "none");
        }
        return wide.getLong();
    }

    Map<String, Member> members() {
        return members;
    }

    /** Where the bytes of a member begin; all of them are inside the file. */
    long dataStart(Member m) {
        ByteBuffer local = checked(m.header(), LOCAL_BYTES, LOCAL_SIGNATURE, "zip member " + m.name());
        long start = m.header() + LOCAL_BYTES + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
        if (m.compressed() < 0 || start > file.size() - m.compressed()) {
            throw broken(m.compressed() + " bytes for zip member " + m.name(), (file.size() - start) + " bytes");
        }
        return start;
    }
}
