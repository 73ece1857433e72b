using System.Text.RegularExpressions;

namespace Waybill.Exceptions;

/// <summary>
/// Reads the frames of a stack trace as .NET, Java, JavaScript, Python, Go, Ruby, PHP and Rust print it, from the place of the throw outwards.
/// Of a frame stays what is the same in every occurrence: no lines, paths, addresses, generic arguments, generated names.
/// </summary>
public static partial class StackFrames
{
    private const int LinesMax = 2_000, LineCharsMax = 1_000;

    /// <summary>The frames, at most <paramref name="framesMax"/>; none when the text is no stack trace.</summary>
    public static List<string> Read(string stack, int framesMax = 64)
    {
        var frames = new List<string>();
        bool outermostFirst = stack.StartsWith("Traceback (most recent call last)", StringComparison.Ordinal);
        int lines = 0;
        foreach (ReadOnlySpan<char> line in stack.AsSpan().EnumerateLines())
        {
            if (++lines > LinesMax || (!outermostFirst && frames.Count >= framesMax)) break;
            if (line.Length > LineCharsMax) continue;   // a message, or not what anyone prints
            if (Frame(line.TrimEnd()) is not { Length: > 0 } frame || IsNoise(frame)) continue;
            if (frames.Count == 0 || frames[^1] != frame) frames.Add(frame);   // recursion is as deep as it is
        }
        if (outermostFirst) frames.Reverse();
        if (frames.Count > framesMax) frames.RemoveRange(framesMax, frames.Count - framesMax);
        return frames;
    }

    /// <summary>Whether a frame is of the language or a well-known framework, and not of who wrote the service.</summary>
    public static bool IsPlatform(string frame) => Platform().IsMatch(frame);

    private static string? Frame(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> text = line.TrimStart();
        if (text.IsEmpty) return null;
        if (text.StartsWith("at ")) return AfterAt(text[3..].TrimStart());
        string whole = text.ToString();
        if (Python().Match(whole) is { Success: true } python) return $"{BaseName(python.Groups["file"].Value)}.{python.Groups["name"].Value}";
        if (Php().Match(whole) is { Success: true } php) return Clean(php.Groups["name"].Value);
        if (Ruby().Match(whole) is { Success: true } ruby) return $"{BaseName(ruby.Groups["file"].Value)}.{Clean(ruby.Groups["name"].Value)}";
        if (Rust().Match(whole) is { Success: true } rust) return Clean(RustHash().Replace(rust.Groups["name"].Value, ""));
        if (Firefox().Match(whole) is { Success: true } firefox) return firefox.Groups["name"].Length > 0 ? Clean(firefox.Groups["name"].Value) : BaseName(firefox.Groups["file"].Value);
        // Go prints the call at the margin and its place, indented, in the next line.
        if (line.Length == text.Length && Go().Match(whole) is { Success: true } go) return Clean(BaseName(go.Groups["name"].Value, keepDots: true));
        return null;
    }

    // .NET and Java: "Namespace.Type.Method(...)"; JavaScript: "name (file:1:2)" or "file:1:2".
    private static string? AfterAt(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("async ")) text = text[6..];
        if (text.StartsWith("new ")) text = text[4..];
        if (text.Contains(".rs:", StringComparison.Ordinal)) return null;   // Rust: the place of the frame in the line before
        int open = text.IndexOf('(');
        string name = (open > 0 ? text[..open] : text).Trim().ToString();
        if (open <= 0 || name.Contains("://", StringComparison.Ordinal) || name.StartsWith('/'))
            return Place().Match(text.ToString()) is { Success: true } place ? BaseName(place.Groups["file"].Value) : null;
        if (Alias().Match(name) is { Success: true } alias) name = name[..alias.Index];   // JavaScript: "Object.get [as value]"
        return Clean(name);
    }

    private static string Clean(string name)
    {
        if (name.Contains('<', StringComparison.Ordinal))
        {
            name = LocalFunction().Replace(name, "${name}.${local}");
            name = Lambda().Replace(name, "${name}.lambda");
            name = StateMachine().Replace(name, "${name}");
            name = Closure().Replace(name, "");
        }
        name = JavaLambda().Replace(name, "lambda");
        // Nested ones from the inside out; each pass removes one level, and there are not many.
        for (int pass = 0; pass < 8 && Generics().IsMatch(name); pass++) name = Generics().Replace(name, "");
        name = Arity().Replace(name, "");
        name = Address().Replace(name, "");
        name = Numbered().Replace(name, "$");
        name = LongNumber().Replace(name, "#");
        return name.Replace("$.", ".", StringComparison.Ordinal).Trim('.', '$', ' ');
    }

    private static string BaseName(string path, bool keepDots = false)
    {
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        if (keepDots) return name;
        int query = name.IndexOf('?', StringComparison.Ordinal);
        return ContentHash().Replace(query >= 0 ? name[..query] : name, "");
    }

    private static bool IsNoise(string frame) => Noise().IsMatch(frame);

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    [GeneratedRegex("""^File "(?<file>[^"]+)", line [0-9]+, in (?<name>.+)$""", Options)] private static partial Regex Python();
    [GeneratedRegex("""^#[0-9]+ (?:.+\([0-9]+\)|\[internal function\]): (?<name>[^(]+)\(""", Options)] private static partial Regex Php();
    [GeneratedRegex("""^(from )?(?<file>[^\s:][^:]*\.rb):[0-9]+:in [`'](?<name>[^']+)'$""", Options)] private static partial Regex Ruby();
    [GeneratedRegex("""^[0-9]+: +(0x[0-9a-f]+ - )?(?<name>[A-Za-z_<][^\s].*)$""", Options)] private static partial Regex Rust();
    [GeneratedRegex("""::h[0-9a-f]{16}$""", Options)] private static partial Regex RustHash();
    [GeneratedRegex("""^(?<name>[^\s@]*)@(?<file>(https?|file|webpack|app|capacitor)[^\s]*?)(:[0-9]+){1,2}$""", Options)] private static partial Regex Firefox();
    [GeneratedRegex("""^(?<name>[A-Za-z_][^\s()]*(\(\*?[A-Za-z_][^\s()]*\)[^\s()]*)?)\([^)]*\)$""", Options)] private static partial Regex Go();
    [GeneratedRegex("""(?<file>[^\s()]+?)(:[0-9]+){1,2}\)?$""", Options)] private static partial Regex Place();
    [GeneratedRegex("""\s\[as .*\]$""", Options)] private static partial Regex Alias();

    // Names that compilers make. C#: <Method>d__5.MoveNext, <Method>g__Local|3_0, <Method>b__0, <>c__DisplayClass3_0; Java: Type$$Lambda$14/0x0001, lambda$main$0.
    [GeneratedRegex("""<(?<name>[^<>]+)>d(__[0-9]+)?(`[0-9]+)?(\[[^\]]*\])?\.MoveNext""", Options)] private static partial Regex StateMachine();
    [GeneratedRegex("""<(?<name>[^<>]+)>g__(?<local>[^|]+)\|[0-9_]+(`[0-9]+)?""", Options)] private static partial Regex LocalFunction();
    [GeneratedRegex("""<(?<name>[^<>]+)>b__[0-9_]+(`[0-9]+)?""", Options)] private static partial Regex Lambda();
    [GeneratedRegex("""<>c(__DisplayClass[0-9_]+)?(`[0-9]+)?(\[[^\]]*\])?[.+]""", Options)] private static partial Regex Closure();
    [GeneratedRegex("""(\$\$)?[Ll]ambda\$([A-Za-z0-9_]+\$)?[0-9]+(/[0-9a-fx]+)?""", Options)] private static partial Regex JavaLambda();
    [GeneratedRegex("""<[^<>]*>|\[[^\[\]]*\]""", Options)] private static partial Regex Generics();
    [GeneratedRegex("""`[0-9]+""", Options)] private static partial Regex Arity();
    [GeneratedRegex("""\+?0x[0-9a-fA-F]+""", Options)] private static partial Regex Address();
    [GeneratedRegex("""\$+[0-9]+""", Options)] private static partial Regex Numbered();
    [GeneratedRegex("""[0-9]{3,}""", Options)] private static partial Regex LongNumber();
    [GeneratedRegex("""[.-][0-9a-f]{8,64}""", Options)] private static partial Regex ContentHash();

    [GeneratedRegex("""
        ^(System\.Runtime\.(CompilerServices|ExceptionServices)\.|System\.Threading\.(Tasks\.|ExecutionContext|ThreadPool|Thread\.)|System\.RuntimeMethodHandle|System\.Reflection\.
        |process\.processTicksAndRejections|Promise$|node:internal|Generator\.next|__awaiter|asyncGeneratorStep|_next$|step$|fulfilled$|rejected$
        |(sun|java\.lang|jdk\.internal)\.reflect\.|runtime\.(gopanic|goexit|panic|sigpanic|main)|panic$|rust_begin_unwind|core::panicking|std::(panicking|rt|sys)|__rust)
        """, Options | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Noise();

    [GeneratedRegex("""
        ^(System\.|Microsoft\.|Npgsql\.|Grpc\.|OpenTelemetry\.|Polly\.|Newtonsoft\.|java[x]?\.|jakarta\.|jdk\.|sun\.|com\.sun\.|kotlin[x]?\.|scala\.|org\.(springframework|apache|hibernate|eclipse|postgresql)\.|io\.(netty|grpc|opentelemetry|micrometer|vertx|reactivex|undertow)\.|reactor\.
        |node:|internal/|express|Layer\.|Route\.|next$|Module\.|Socket\.|Server\.|IncomingMessage\.|EventEmitter\.|emit$
        |runtime\.|net/|http\.|(\(\*)?sql\.|reflect\.|core::|alloc::|std::|tokio::|hyper::
        |(base|handlers|wsgi|asgi|app|applications|routing|exception|middleware|threading|connectionpool|adapters|sessions|cursors|default|connection)\.(py)?\.?(__call__|__init__|get_response|full_dispatch_request|dispatch_request|wsgi_app|inner|execute|urlopen|request|send|_run|run|do_execute)$)
        """, Options | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Platform();
}
