package org.daguerre.weights.torch;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles by hand, opcode by opcode, so that tests can say things no library would. */
final class PickleBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static PickleBytes start() {
        return new PickleBytes().op(0x80).op(2);
    }

    PickleBytes op(int code) {
        out.write(code);
        return this;
    }

    /** Opcodes that are letters. */
    PickleBytes ops(String codes) {
        codes.chars().forEach(out::write);
        return this;
    }

    PickleBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    PickleBytes i32(int value) {
        return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return op('X').i32(utf8.length).raw(utf8);
    }

    PickleBytes number(long value) {
        byte[] big = BigInteger.valueOf(value).toByteArray();
        op(0x8a).op(big.length);
        for (int i = big.length - 1; i >= 0; i--) {
            op(big[i]);
        }
        return this;
    }

    PickleBytes global(String module, String name) {
        return ops("c" + module + "\n" + name + "\n");
    }

    /** A tuple of numbers. */
    PickleBytes numbers(long... values) {
        op('(');
        for (long v : values) {
            number(v);
        }
        return op('t');
    }

    /** A tensor over storage {@code key}. */
    PickleBytes tensor(String type, String key, long elements, long offset, long[] size, long[] stride) {
        global("torch._utils", "_rebuild_tensor_v2").ops("((").text("storage").global("torch", type).text(key)
            .text("cpu")
            .number(elements).ops("tQ").number(offset).numbers(size).numbers(stride);
        return op(0x89).global("collections", "OrderedDict").ops(")RtR");
    }

    byte[] end() {
        return op('.').bytes();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** A whole legacy file whose contents are {@code pickle}; each storage is key and bytes in turn. */
    static byte[] legacyFile(byte[] pickle, int elementBytes, Object... storages) {
        PickleBytes b = new PickleBytes();
        byte[] magic = TorchLegacy.MAGIC.toByteArray();
        b.op(0x80).op(2).op(0x8a).op(magic.length);
        for (int i = magic.length - 1; i >= 0; i--) {
            b.op(magic[i]);
        }
        b.op('.').op(0x80).op(2).op('M').op(1001 & 0xff).op(1001 >> 8).op('.');
        b.op(0x80).op(2).op('}').text("little_endian").op(0x88).ops("s.");
        b.raw(pickle).op(0x80).op(2).ops("](");
        for (int i = 0; i < storages.length; i += 2) {
            b.text((String) storages[i]);
        }
        b.ops("e.");
        for (int i = 1; i < storages.length; i += 2) {
            byte[] data = (byte[]) storages[i];
            b.raw(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length / elementBytes).array())
                .raw(data);
        }
        return b.bytes();
    }

    /** Little-endian floats. */
    static byte[] floats(float... values) {
        ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values) {
            b.putFloat(v);
        }
        return b.array();
    }
}
