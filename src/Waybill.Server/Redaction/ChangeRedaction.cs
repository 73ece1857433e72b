using System.Text;
using System.Text.Json;
using Waybill.Changes;

namespace Waybill.Redaction;

/// <summary>Redaction's place on the way of a report about a change: behind every form of report, before it is stored, answered or logged.</summary>
/// <remarks>A field is looked at under its own name, so that rules can say <c>keys: [author]</c>, <c>signals: [changes]</c>. Ids, hashes of commits and words of closed sets have nothing to hide.</remarks>
public sealed class ChangeRedaction(Redactor redactor, RedactionOptions options)
{
    public ChangeReport Redact(ChangeReport report)
    {
        if (!options.Enabled) return report;
        string service = report.Service;
        return report with
        {
            Key = Text(report.Key, "id"), Type = Text(report.Type, "type"), Summary = Text(report.Summary, "summary"), Service = Text(service, "service.name"), Namespace = Text(report.Namespace, "namespace"),
            Instance = Text(report.Instance, "instance"), Zone = Text(report.Zone, "zone"), Subject = Text(report.Subject, "subject"), Environment = Text(report.Environment, "environment"),
            Version = Text(report.Version, "version"), PreviousVersion = Text(report.PreviousVersion, "previousVersion"), Repository = Text(report.Repository, "repository"),
            Commit = Hash(report.Commit, "commit"), PreviousCommit = Hash(report.PreviousCommit, "previousCommit"), TraceId = Hash(report.TraceId, "traceId"),
            Artifact = Text(report.Artifact, "artifact"), Pipeline = Text(report.Pipeline, "pipeline"), PipelineRun = Text(report.PipelineRun, "pipeline.run"), PipelineUrl = Text(report.PipelineUrl, "pipeline.url"),
            Author = Text(report.Author, "author"), Before = Value(report.Before, "before"), After = Value(report.After, "after"), Links = Value(report.Links, "links"), Evidence = Value(report.Evidence, "evidence"),
            Attributes = report.Attributes.GroupBy(pair => Text(pair.Key, "")).ToDictionary(group => group.Key, group => Value(group.First().Value, group.First().Key)),
        };

        string Text(string text, string key) => text.Length == 0 ? text : redactor.Redact(text, new TextContext(RedactedSignal.Changes, service, key));
        string Hash(string text, string key) => text.All(char.IsAsciiHexDigit) ? text : Text(text, key);
        string Value(string text, string key) => IsJson(text) ? Encoding.UTF8.GetString(redactor.RedactJson(Encoding.UTF8.GetBytes(text), new TextContext(RedactedSignal.Changes, service, key))) : Text(text, key);
    }

    /// <summary>The JSON of another system's report, as it may be read.</summary>
    public byte[] Redact(JsonElement json)
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(json, Plain);
        byte[] redacted = options.Enabled ? redactor.RedactJson(plain, new TextContext(RedactedSignal.Changes)) : plain;
        return redacted.Length == 0 ? "{}"u8.ToArray() : redacted;
    }

    // Detectors read text, not \u0027.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text about a report, such as an answer's remark, that may hold something of the sender's.</summary>
    public string Redact(string text) => options.Enabled ? redactor.Redact(text, new TextContext(RedactedSignal.Changes)) : text;

    private static bool IsJson(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..]) return false;
        try
        {
            using var _ = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 64 });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
