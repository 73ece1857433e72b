using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>A message inside another: where it ends, and where the outer one does.</summary>
public readonly record struct ProtoFrame(int Start, int End, int OuterEnd);

/// <summary>Reads protobuf from bytes without throwing. Every method returns false at a fault and notes what and where; offsets are absolute.</summary>
/// <remarks>
/// field = tag, value. tag = varint(number &lt;&lt; 3 | type), type 0 varint, 1 eight bytes, 2 varint length + bytes, 3/4 group begin/end, 5 four bytes.
/// varint = seven bits a byte, low first, high bit set on all but the last, ten bytes at most.
/// </remarks>
public ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Unknown groups inside each other; Google's libraries stop at 100 messages, OTLP has no groups at all.</summary>
    private const int GroupsMax = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position = 0;
    private int _end = bytes.Length;

    public readonly int Position => _position;
    public readonly bool More => _position < _end;
    public DecodeFault Fault { get; private set; }
    public int FaultAt { get; private set; }

    public readonly ReadOnlySpan<byte> Slice(int offset, int length) => _bytes.Slice(offset, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTag(out uint tag)
    {
        int position = _position;
        if (position < _end)
        {
            tag = _bytes[position];
            if (tag - 8 < 0x78)
            {
                _position = position + 1;
                return true;
            }
        }
        return TryLongTag(out tag);
    }

    private bool TryLongTag(out uint tag)
    {
        int start = _position;
        tag = 0;
        if (!TryVarint(out ulong raw)) return false;
        tag = (uint)raw;
        return (raw <= uint.MaxValue && raw >= 8) || Fail(DecodeFault.Tag, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryVarint(out ulong value)
    {
        int position = _position;
        if (position < _end)
        {
            value = _bytes[position];
            if (value < 0x80)
            {
                _position = position + 1;
                return true;
            }
        }
        return TryLongVarint(out value);
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        int start = _position;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _end) return Fail(DecodeFault.Truncated, start);
            byte b = _bytes[_position++];
            if (shift == 63 && b > 1) return Fail(DecodeFault.Varint, start);
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return true;
        }
        return Fail(DecodeFault.Varint, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFixed64(out ulong value)
    {
        int position = _position;
        if (_end - position < 8)
        {
            value = 0;
            return Fail(DecodeFault.Truncated, position);
        }
        value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[position..]);
        _position = position + 8;
        return true;
    }

    public bool TryFixed32(out uint value)
    {
        int position = _position;
        if (_end - position < 4)
        {
            value = 0;
            return Fail(DecodeFault.Truncated, position);
        }
        value = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[position..]);
        _position = position + 4;
        return true;
    }

    /// <summary>Reads a length and passes over that many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBytes(out int offset, out int length)
    {
        int start = _position;
        if (TryVarint(out ulong raw) && raw <= (ulong)(_end - _position))
        {
            offset = _position;
            length = (int)raw;
            _position = offset + length;
            return true;
        }
        offset = length = 0;
        return Fail(DecodeFault.Truncated, start);
    }

    /// <summary>Reads a length and narrows the reader to the message that follows, until <see cref="Leave"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter(out ProtoFrame frame)
    {
        if (!TryBytes(out int offset, out int length))
        {
            frame = default;
            return false;
        }
        frame = new ProtoFrame(offset, offset + length, _end);
        _position = offset;
        _end = offset + length;
        return true;
    }

    /// <summary>Goes to the end of a message, read or not, and widens to the one around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(in ProtoFrame frame)
    {
        _position = frame.End;
        _end = frame.OuterEnd;
    }

    /// <summary>Goes back inside the current message to read something again.</summary>
    public void Return(int position) => _position = position;

    /// <summary>Leaves a message that could not be read: it is lost, what follows is not.</summary>
    public void Abandon(in ProtoFrame frame)
    {
        Leave(frame);
        Fault = DecodeFault.None;
    }

    /// <summary>Passes over an unknown field. A number in <paramref name="known"/> (bit n = field n) came with the wrong wire type.</summary>
    public bool TrySkip(uint tag, uint known = 0)
    {
        uint number = tag >> 3;
        if (number < 32 && (known >> (int)number & 1) != 0) return Fail(DecodeFault.WireType, _position);
        return (tag & 7) == 3 ? TrySkipGroup(number) : TrySkipValue(tag);
    }

    private bool TrySkipValue(uint tag) => (tag & 7) switch
    {
        0 => TryVarint(out _),
        1 => TryFixed64(out _),
        2 => TryBytes(out _, out _),
        5 => TryFixed32(out _),
        4 => Fail(DecodeFault.Group, _position),
        _ => Fail(DecodeFault.WireType, _position),
    };

    private bool TrySkipGroup(uint number)
    {
        Span<uint> open = stackalloc uint[GroupsMax];
        open[0] = number;
        for (int depth = 1; depth > 0;)
        {
            if (!TryTag(out uint tag)) return false;
            switch (tag & 7)
            {
                case 3 when depth == GroupsMax: return Fail(DecodeFault.Group, _position);
                case 3: open[depth++] = tag >> 3; break;
                case 4 when open[depth - 1] != tag >> 3: return Fail(DecodeFault.Group, _position);
                case 4: depth--; break;
                default: if (!TrySkipValue(tag)) return false; break;
            }
        }
        return true;
    }

    /// <summary>Notes the first fault of a message; returns false.</summary>
    public bool Fail(DecodeFault fault, int offset)
    {
        if (Fault == DecodeFault.None)
        {
            Fault = fault;
            FaultAt = offset;
        }
        return false;
    }
}
