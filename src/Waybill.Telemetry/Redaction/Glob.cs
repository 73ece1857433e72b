namespace Waybill.Redaction;

/// <summary>A pattern of names: <c>*</c> stands for any characters, <c>?</c> for one; case does not count. Matched in time of pattern times name at worst, without recursion.</summary>
public sealed class Glob
{
    private readonly byte[] _pattern;

    /// <param name="pattern">As the rules file spells it.</param>
    public Glob(string pattern)
    {
        Pattern = pattern;
        _pattern = System.Text.Encoding.UTF8.GetBytes(pattern.ToLowerInvariant());
    }

    public string Pattern { get; }

    public bool Matches(ReadOnlySpan<byte> name)
    {
        int at = 0, inName = 0, star = -1, restart = 0;
        while (inName < name.Length)
        {
            if (at < _pattern.Length && _pattern[at] == '*')
            {
                star = at++;
                restart = inName;
            }
            else if (at < _pattern.Length && (_pattern[at] == '?' || _pattern[at] == Lower(name[inName])))
            {
                at++;
                inName++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                inName = ++restart;
            }
            else return false;
        }
        while (at < _pattern.Length && _pattern[at] == '*') at++;
        return at == _pattern.Length;
    }

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
