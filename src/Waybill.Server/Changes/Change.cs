using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Waybill.Changes;

/// <summary>The pipeline that made a change.</summary>
public sealed record ChangePipeline(string? Name, string? Run, string? Url);

/// <summary>A change, put together from all reports about it. Absent is what nobody said.</summary>
public sealed record Change
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public string? Type { get; init; }
    public required string Source { get; init; }
    public string? Key { get; init; }
    public string? Summary { get; init; }
    public string? Service { get; init; }
    public string? Namespace { get; init; }
    public string? Instance { get; init; }
    public string? Zone { get; init; }
    public string? Subject { get; init; }
    public string? Environment { get; init; }
    public string? Version { get; init; }
    public string? PreviousVersion { get; init; }
    public string? Commit { get; init; }
    public string? PreviousCommit { get; init; }
    public string? Repository { get; init; }
    public string? CommitUrl { get; init; }

    /// <summary>Shows what lies between the previous commit (or version) and this one.</summary>
    public string? CompareUrl { get; init; }

    public string? Artifact { get; init; }
    public ChangePipeline? Pipeline { get; init; }
    public string? Author { get; init; }

    /// <summary>Who owns the service, as the catalog says.</summary>
    public string? Owner { get; init; }

    /// <summary>When it began to be in effect; when only its end is known, that.</summary>
    [JsonIgnore] public long StartedNano { get; init; }

    /// <summary>Null when its end was not reported.</summary>
    [JsonIgnore] public long? FinishedNano { get; init; }

    public string StartedUnixNano => $"{StartedNano}";
    public string? FinishedUnixNano => FinishedNano is { } nano ? $"{nano}" : null;

    /// <summary>running, success, failure, cancelled or unknown.</summary>
    [AllowedValues("running", "success", "failure", "cancelled", "unknown")]
    public required string Outcome { get; init; }

    public string? Before { get; init; }
    public string? After { get; init; }

    /// <summary>What differs between <see cref="Before"/> and <see cref="After"/>.</summary>
    public IReadOnlyList<ChangedPart>? Diff { get; init; }

    public bool? DiffTruncated { get; init; }
    public IReadOnlyList<ChangeLink>? Links { get; init; }
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
    public string? TraceId { get; init; }
    public bool? Inferred { get; init; }

    /// <summary>What an inferred change was inferred from.</summary>
    public IReadOnlyList<string>? Evidence { get; init; }

    public required int ReportCount { get; init; }
    public required string ReceivedUnixNano { get; init; }
}

/// <summary>What listed changes must have; empty and null ask for nothing.</summary>
public sealed record ChangeFilter
{
    public string[] Services { get; init; } = [];
    public string[] Kinds { get; init; } = [];
    public string? Environment { get; init; }
    public string? Version { get; init; }
    public string? CommitPrefix { get; init; }
    public string? Source { get; init; }
    public bool? Inferred { get; init; }

    /// <summary>Of any of these authors.</summary>
    public string[] Authors { get; init; } = [];
}

/// <summary>The last change of a page: the next page goes on behind it.</summary>
public sealed record ChangeCursor(long StartedNano, UInt128 Id)
{
    public override string ToString() => $"{StartedNano}-{ChangeTable.Hex(Id)}";

    /// <summary>True with null for no text at all.</summary>
    public static bool TryParse(string text, out ChangeCursor? cursor)
    {
        cursor = null;
        if (text.Length == 0) return true;
        if (text.Split('-') is not [var started, { Length: 32 } id] || !long.TryParse(started, out long nano)
            || !UInt128.TryParse(id, System.Globalization.NumberStyles.AllowHexSpecifier, null, out UInt128 number)) return false;
        cursor = new ChangeCursor(nano, number);
        return true;
    }
}

public sealed record ChangePage(IReadOnlyList<Change> Changes, ChangeCursor? Next);
