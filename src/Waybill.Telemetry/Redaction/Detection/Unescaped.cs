namespace Waybill.Redaction.Detection;

/// <summary>A text with its percent escapes undone, and where each of its bytes came from: what is sensitive in a URL's parameter is so when it is escaped too.</summary>
internal sealed class Unescaped
{
    private byte[] _bytes = [];
    private int[] _from = [];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <returns>False when nothing is escaped.</returns>
    public bool Read(ReadOnlySpan<byte> text)
    {
        if (_bytes.Length < text.Length) (_bytes, _from) = (new byte[text.Length], new int[text.Length + 1]);
        _length = 0;
        for (int at = 0; at < text.Length; _length++)
        {
            _from[_length] = at;
            if (text[at] == '%' && at + 2 < text.Length && Hex(text[at + 1]) is >= 0 and var high && Hex(text[at + 2]) is >= 0 and var low)
            {
                _bytes[_length] = (byte)(high << 4 | low);
                at += 3;
            }
            else _bytes[_length] = text[at++];
        }
        _from[_length] = text.Length;
        return _length < text.Length;
    }

    /// <summary>Where something found in <see cref="Bytes"/> lies in the text.</summary>
    public Match Place(in Match match) => match with { Start = _from[match.Start], Length = _from[match.End] - _from[match.Start] };

    private static int Hex(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
