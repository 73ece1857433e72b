namespace Waybill.Decoding;

/// <summary>Why bytes could not be read.</summary>
public enum DecodeFault : byte
{
    None,
    /// <summary>A field runs past the end of its message.</summary>
    Truncated,
    /// <summary>A varint is longer than ten bytes or does not fit 64 bits.</summary>
    Varint,
    /// <summary>A field number is zero or does not fit 29 bits.</summary>
    Tag,
    /// <summary>A known field has another wire type than its schema says, or the wire type does not exist.</summary>
    WireType,
    /// <summary>A group is not closed, closed by another number, or nested too deep.</summary>
    Group,
    /// <summary>The text is not JSON, or something follows it.</summary>
    Json,
    /// <summary>JSON is nested deeper than the reader follows.</summary>
    Depth,
    /// <summary>A JSON value has the wrong type for its field.</summary>
    Type,
    /// <summary>A number does not fit its field.</summary>
    Number,
    /// <summary>Bytes are not base64.</summary>
    Base64,
}

/// <summary>How decoding a request ended. On failure the batch is empty and the request must be answered 400 or INVALID_ARGUMENT.</summary>
/// <param name="Offset">Byte of the decompressed body at which reading stopped.</param>
/// <param name="Path">The field there, such as <c>resource_spans[0].scope_spans[2].schema_url</c>; empty at the top.</param>
public readonly record struct DecodeResult(DecodeFault Fault, int Offset, string Path, DecodeCounts Counts)
{
    public bool Ok => Fault == DecodeFault.None;

    /// <summary>One sentence for the sender: what, where, and what to do. Holds no value of the request.</summary>
    public string Message => Ok ? "" : $"{(Path.Length == 0 ? "The request" : Path)} at byte {Offset}: {Explain(Fault)}";

    public static string Explain(DecodeFault fault) => fault switch
    {
        DecodeFault.None => "",
        DecodeFault.Truncated => "a field runs past the end of its message; send the whole body and check its length prefixes.",
        DecodeFault.Varint => "a varint is longer than 64 bits; encode numbers as protobuf varints of at most ten bytes.",
        DecodeFault.Tag => "a field number is zero or too large; check that the body is protobuf and Content-Type matches it.",
        DecodeFault.WireType => "a field has a wire type that its schema does not allow; generate the sender from the current .proto files.",
        DecodeFault.Group => "a protobuf group is not closed properly or nested too deep; OTLP has no groups, do not send them.",
        DecodeFault.Json => "this is not valid JSON; check that the body is one JSON value and Content-Type matches it.",
        DecodeFault.Depth => "JSON is nested too deep; flatten the attribute values.",
        DecodeFault.Type => "a value has the wrong JSON type; enums are numbers, ids hexadecimal strings, lists arrays, messages objects.",
        DecodeFault.Number => "a number does not fit its field; 64-bit integers are whole numbers or decimal strings in range.",
        DecodeFault.Base64 => "bytesValue is not base64.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };
}
