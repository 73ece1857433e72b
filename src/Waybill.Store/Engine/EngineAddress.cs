namespace Waybill.Engine;

/// <summary>Where a ClickHouse of one's own is, from <c>--store https://user:password@host:8443/database</c>. Its text never shows the password.</summary>
public sealed class EngineAddress
{
    private EngineAddress(Uri endpoint, string? database, string? user, string? password) => (Endpoint, Database, User, Password) = (endpoint, database, user, password);

    /// <summary>Scheme, host and port only.</summary>
    public Uri Endpoint { get; }

    /// <summary>Null for the user's default.</summary>
    public string? Database { get; }

    public string? User { get; }

    internal string? Password { get; }

    /// <exception cref="FormatException">Not such a URL; the message names what is wrong and shows no credentials.</exception>
    public static EngineAddress Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new FormatException("--store must be a URL like https://user:password@host:8443/database.");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new FormatException($"--store {uri.Scheme}://{uri.Host}: settings in the URL are not supported; give scheme, credentials, host, port and database.");

        string database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (database.Contains('/')) throw new FormatException($"--store {uri.Scheme}://{uri.Host}: the path must be one database name.");
        if (uri.Scheme == "http" && uri.UserInfo.Length > 0 && !uri.IsLoopback)
            throw new FormatException($"--store http://{uri.Host}: a password would travel in clear; use https.");

        string[] credentials = uri.UserInfo.Split(':', 2);
        return new EngineAddress(new Uri(uri.GetLeftPart(UriPartial.Scheme) + uri.Authority[(uri.Authority.LastIndexOf('@') + 1)..]),
            database.Length == 0 ? null : database,
            credentials[0].Length == 0 ? null : Uri.UnescapeDataString(credentials[0]),
            credentials.Length < 2 ? null : Uri.UnescapeDataString(credentials[1]));
    }

    public override string ToString() => $"{Endpoint.GetLeftPart(UriPartial.Authority)}/{Database}";
}
