using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Waybill.Web;

/// <summary>One file of the console in the encodings that the build made of it.</summary>
/// <param name="Tag">Its entity tag, quoted.</param>
/// <param name="IsHashed">Its name carries the hash of its content: it may be cached for ever.</param>
internal sealed record ConsoleFile(string ContentType, byte[] Plain, byte[]? Brotli, byte[]? Gzip, string Tag, bool IsHashed);

/// <summary>
/// The built console, which lies inside this assembly (Directory.Build.targets, EmbedConsole): a closed set of files, so that no path can
/// leave it, and nothing beside the program that could be lost or of another version.
/// </summary>
internal sealed class ConsoleFiles
{
    private const string Prefix = "console/", Page = "index.html", NoncePlace = "__NONCE__";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml",
        [".woff2"] = "font/woff2", [".png"] = "image/png", [".json"] = "application/json", [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, ConsoleFile> _files;
    private readonly string[] _page;

    public ConsoleFiles()
    {
        var parts = typeof(ConsoleFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..].Replace('\\', '/'), Read);
        _files = parts.Where(part => ContentTypes.ContainsKey(Path.GetExtension(part.Key))).ToFrozenDictionary(part => part.Key, part => new ConsoleFile(
            ContentTypes[Path.GetExtension(part.Key)], part.Value, parts.GetValueOrDefault(part.Key + ".br"), parts.GetValueOrDefault(part.Key + ".gz"),
            $"\"{Convert.ToHexStringLower(SHA256.HashData(part.Value).AsSpan(0, 8))}\"", part.Key.StartsWith("assets/", StringComparison.Ordinal)));
        _page = _files.TryGetValue(Page, out ConsoleFile? page) ? Encoding.UTF8.GetString(page.Plain).Split(NoncePlace) : [];
    }

    /// <summary>False when this program was built without the console.</summary>
    public bool IsBuilt => _page.Length > 0;

    public ConsoleFile? Find(string path) => path == Page ? null : _files.GetValueOrDefault(path);

    /// <summary>The page that every address of the console opens with.</summary>
    /// <param name="nonce">What lets its style sheets in; new for each answer.</param>
    public string PageWith(string nonce) => string.Join(nonce, _page);

    private static byte[] Read(string resource)
    {
        using Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        byte[] bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }
}
