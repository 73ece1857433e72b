namespace Waybill.Redaction.Detection;

/// <summary>The words of a name: split at everything but letters and digits, and where lower case turns upper (<c>cardNumber</c>, <c>APIKey</c>); lower-cased.</summary>
internal ref struct Words(ReadOnlySpan<byte> name, Span<byte> room)
{
    /// <summary>Longer words are no word that anyone looks for.</summary>
    public const int LengthMax = 32;

    private readonly ReadOnlySpan<byte> _name = name;
    private readonly Span<byte> _room = room;
    private int _at = 0;

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool Next()
    {
        while (_at < _name.Length && !IsPart(_name[_at])) _at++;
        if (_at >= _name.Length) return false;
        int start = _at++;
        while (_at < _name.Length && IsPart(_name[_at]) && !Turns(_at)) _at++;
        int length = Math.Min(_at - start, Math.Min(LengthMax, _room.Length));
        for (int i = 0; i < length; i++) _room[i] = Characters.Lower(_name[start + i]);
        Current = _room[..length];
        return true;
    }

    private readonly bool Turns(int at)
    {
        byte before = _name[at - 1], here = _name[at];
        if (!Characters.IsUpper(here)) return false;
        if (Characters.IsLower(before)) return true;
        return Characters.IsUpper(before) && at + 1 < _name.Length && Characters.IsLower(_name[at + 1]);
    }

    private static bool IsPart(byte c) => Characters.IsAlphanumeric(c) || c >= 0x80;
}
