namespace Waybill.Changes;

/// <summary>Where a repository's host shows a commit, and what lies between two.</summary>
public static class SourceLinks
{
    /// <summary>The page of a commit; null when the repository is no address of a web site.</summary>
    public static string? Commit(string repository, string commit) => commit.Length == 0 || WebAddress(repository) is not { } web ? null
        : IsGitLab(web) ? $"{web}/-/commit/{Uri.EscapeDataString(commit)}" : $"{web}/commit/{Uri.EscapeDataString(commit)}";

    /// <summary>The page that compares two commits or tags: GitLab's form for GitLab, GitHub's for all others (Gitea and Forgejo have it too).</summary>
    public static string? Compare(string repository, string from, string to) => from.Length == 0 || to.Length == 0 || from == to || WebAddress(repository) is not { } web ? null
        : $"{web}{(IsGitLab(web) ? "/-" : "")}/compare/{Uri.EscapeDataString(from)}...{Uri.EscapeDataString(to)}";

    /// <summary><c>https://host/owner/name</c> of that or of <c>git@host:owner/name.git</c> and <c>ssh://git@host/owner/name</c>.</summary>
    internal static string? WebAddress(string repository)
    {
        string text = repository.Trim();
        if (!text.Contains("://", StringComparison.Ordinal) && text.IndexOf('@') is var at and >= 0 && text.IndexOf(':', at) is var colon and > 0)
            text = $"https://{text[(at + 1)..colon]}/{text[(colon + 1)..]}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https" or "ssh" or "git") || url.AbsolutePath.Length < 2) return null;
        string path = url.AbsolutePath.TrimEnd('/');
        if (path.EndsWith(".git", StringComparison.OrdinalIgnoreCase)) path = path[..^4];
        string authority = url.Scheme is "http" or "https" && !url.IsDefaultPort ? $"{url.Host}:{url.Port}" : url.Host;
        return $"{(url.Scheme == "http" ? "http" : "https")}://{authority}{path}";
    }

    private static bool IsGitLab(string web) => new Uri(web).Host.Contains("gitlab", StringComparison.OrdinalIgnoreCase);
}
