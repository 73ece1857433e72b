namespace Waybill.Redaction.Detection;

/// <summary>Classes of bytes. Bytes of non-ASCII characters count as letters, so that no word ends inside one.</summary>
internal static class Characters
{
    public const byte Digit = 1, Letter = 2, Underscore = 4;

    /// <summary>0 for what ends a word.</summary>
    public static readonly byte[] Classes = MakeClasses();

    public static bool IsWord(byte c) => Classes[c] != 0;
    public static bool IsDigit(byte c) => (uint)(c - '0') <= 9;
    public static bool IsLetter(byte c) => (uint)((c | 0x20) - 'a') <= 25;
    public static bool IsUpper(byte c) => (uint)(c - 'A') <= 25;
    public static bool IsLower(byte c) => (uint)(c - 'a') <= 25;
    public static bool IsAlphanumeric(byte c) => IsDigit(c) || IsLetter(c);
    public static bool IsSpace(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
    public static bool IsQuote(byte c) => c is (byte)'"' or (byte)'\'' or (byte)'`';
    public static byte Lower(byte c) => IsUpper(c) ? (byte)(c | 0x20) : c;

    private static byte[] MakeClasses()
    {
        byte[] classes = new byte[256];
        for (int c = 0; c < 256; c++)
            classes[c] = IsDigit((byte)c) ? Digit : IsLetter((byte)c) || c >= 0x80 ? Letter : c == '_' ? Underscore : (byte)0;
        return classes;
    }
}
