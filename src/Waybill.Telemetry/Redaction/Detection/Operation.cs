namespace Waybill.Redaction.Detection;

/// <summary>How a value is tied to the name before it.</summary>
internal enum Operator : byte { None, Equals, Colon, ColonAndSpace, Element, Flag, Space }

/// <summary>What stands between a name and its value, and where the value begins.</summary>
internal readonly record struct Operation(Operator Kind, int ValueStart, byte Quote, int Slashes)
{
    private const int SpacesMax = 8;

    public bool IsQuoted => Quote != 0;

    /// <param name="isFlag">The name began with a dash, as an option of a command does.</param>
    public static Operation Find(ref Scan scan, int nameStart, int end, bool isFlag)
    {
        int at = end;
        // What closes the name: a quote, perhaps escaped, or the bracket of form[password].
        while (at - end < 4 && (Characters.IsQuote(scan.At(at)) || scan.At(at) is (byte)'\\' or (byte)']')) at++;
        bool wasQuoted = scan.Text[end..at].ContainsAny((byte)'"', (byte)'\'', (byte)'`');
        int afterName = at;
        at = SkipSpaces(ref scan, at);
        Operator kind = Operator.None;
        switch (scan.At(at))
        {
            case (byte)'=':
                at++;
                while (scan.At(at) is (byte)'=' or (byte)'>' or (byte)'~') at++;
                kind = Operator.Equals;
                break;
            case (byte)':' when scan.At(at + 1) != ':' && !(scan.At(at + 1) == '/' && scan.At(at + 2) == '/'):
                at++;
                if (scan.At(at) == '=') at++;
                kind = !wasQuoted && scan.At(at) == ' ' ? Operator.ColonAndSpace : Operator.Colon;
                break;
            case (byte)'%' when scan.At(at + 1) == '3' && (scan.At(at + 2) | 0x20) is 'd' or 'a' && at == afterName:
                at += 3;
                kind = Operator.Equals;
                break;
            case (byte)'>' when scan.At(nameStart - 1) == '<':
                at++;
                kind = Operator.Element;
                break;
            case (byte)',' when wasQuoted:
                at++;
                kind = Operator.Colon;
                break;
            default:
                if (at == afterName && scan.At(at) != '(') return default;
                kind = isFlag ? Operator.Flag : Operator.Space;
                break;
        }
        at = SkipSpaces(ref scan, at);
        while (scan.At(at) is (byte)'[' or (byte)'(' && at < scan.Text.Length - 1 && (Characters.IsQuote(scan.At(at + 1)) || scan.At(at + 1) == '\\')) at++;
        if (kind == Operator.Space && scan.At(at) is (byte)'N' && scan.At(at + 1) == '\'') at++;
        int slashes = 0;
        while (scan.At(at + slashes) == '\\') slashes++;
        byte quote = scan.At(at + slashes);
        if (Characters.IsQuote(quote)) return new Operation(kind, at + slashes + 1, quote, slashes);
        // Only SQL and options have no sign between: PASSWORD 'x', --password x.
        return kind == Operator.Space || at >= scan.Text.Length ? default : new Operation(kind, at, 0, 0);
    }

    private static int SkipSpaces(ref Scan scan, int at)
    {
        int start = at;
        while (at - start < SpacesMax && scan.At(at) is (byte)' ' or (byte)'\t') at++;
        return at;
    }
}
