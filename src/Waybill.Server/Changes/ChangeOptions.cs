using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Changes;

/// <summary>Who may report changes, and how much of one is kept. Section <c>Changes</c>; read once, checked at start.</summary>
public sealed class ChangeOptions
{
    /// <summary>Largest request. Default 1 MiB: hooks send 10 to 60 KB, GitHub caps its payloads at 25 MB and leaves such out.</summary>
    [Range(1024, 64 * 1024 * 1024)] public int RequestBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Changes in one request. Default 1,000.</summary>
    [Range(1, 100_000)] public int ChangesPerRequestMax { get; set; } = 1_000;

    /// <summary>Longest text of a field, in characters; <c>before</c> and <c>after</c> may have as many each. Default 64 Ki, as an attribute's value.</summary>
    [Range(256, 1024 * 1024)] public int TextCharsMax { get; set; } = 64 * 1024;

    /// <summary>
    /// Secrets of GitHub's hooks, any of which may sign (<c>X-Hub-Signature-256</c>): two while one is rotated. Default none: unsigned hooks are
    /// taken as long as the server can only be reached from its own machine.
    /// </summary>
    public string[] GitHubSecrets { get; set; } = [];

    /// <summary>Tokens of GitLab's hooks (<c>X-Gitlab-Token</c>). As <see cref="GitHubSecrets"/>.</summary>
    public string[] GitLabTokens { get; set; } = [];

    /// <summary>Tokens of Argo CD's notifications (<c>Authorization: Bearer</c>). As <see cref="GitHubSecrets"/>.</summary>
    public string[] ArgoCdTokens { get; set; } = [];
}

[OptionsValidator]
internal sealed partial class ChangeOptionsValidator : IValidateOptions<ChangeOptions>;
