using System.ComponentModel.DataAnnotations;
using Waybill.Batches;
using Waybill.Traces;

namespace Waybill.Why;

/// <summary>What a step of a story rests on.</summary>
/// <param name="Kind">trace, span, log, change, exception, figure, service, owner, runbook, suspect or edge.</param>
/// <param name="Link">Where to look: a path of this API, or a URL.</param>
public sealed record StepEvidence(string Kind, string Label, string? Value = null, string? Link = null);

/// <summary>One sentence of a story, with its evidence.</summary>
public sealed record Step(
    [AllowedValues("what_happened", "what_led_to_it", "what_changed", "who", "what_else", "what_next", "missing")] string Part,
    [AllowedValues("info", "warning", "error")] string Severity, string Sentence, IReadOnlyList<StepEvidence> Evidence);

/// <summary>Why something is not there.</summary>
/// <param name="Certain">False when it is the likeliest of several reasons.</param>
public sealed record MissingVerdict(
    [AllowedValues("never_received", "refused", "in_spool", "quarantined", "expired", "context_lost", "unknown_kind")] string Verdict, string Sentence, bool Certain);

/// <summary>The causal story of anything that has an id: in order, each step with its evidence. Deterministic.</summary>
/// <param name="RecognisedAs">trace, span, business_id, message, change, commit, version, service, instance, exception, log, attribute or missing.</param>
/// <param name="Answer">The story in one sentence.</param>
public sealed record WhyAnswer(
    string Question, string RecognisedAs, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string Answer, IReadOnlyList<Step> Steps, MissingVerdict? Missing);

/// <summary>A story in the making.</summary>
internal sealed class Story
{
    private static readonly string[] Order = ["what_happened", "what_led_to_it", "what_changed", "who", "what_else", "what_next", "missing"];
    private readonly List<Step> _steps = [];

    public List<PartialReason> Reasons { get; } = [];

    /// <summary>The whole story in one sentence; the first step when nobody says better.</summary>
    public string? Answer { get; set; }

    public MissingVerdict? Missing { get; set; }

    /// <summary>The trace that was told last, and the service: what suspects are ranked for.</summary>
    public TraceId? Trace { get; set; }
    public string? Service { get; set; }

    public void Happened(string severity, string sentence, params StepEvidence[] evidence) => Add("what_happened", severity, sentence, evidence);
    public void LedTo(string severity, string sentence, params StepEvidence[] evidence) => Add("what_led_to_it", severity, sentence, evidence);
    public void Changed(string severity, string sentence, params StepEvidence[] evidence) => Add("what_changed", severity, sentence, evidence);
    public void Who(string sentence, params StepEvidence[] evidence) => Add("who", "info", sentence, evidence);
    public void Else(string severity, string sentence, params StepEvidence[] evidence) => Add("what_else", severity, sentence, evidence);
    public void Next(string sentence, params StepEvidence[] evidence) => Add("what_next", "info", sentence, evidence);
    public void Checked(string severity, string sentence, params StepEvidence[] evidence) => Add("missing", severity, sentence, evidence);

    private void Add(string part, string severity, string sentence, StepEvidence[] evidence) => _steps.Add(new Step(part, severity, sentence, evidence));

    public WhyAnswer Finish(string question, string recognisedAs)
    {
        Step[] inOrder = [.. _steps.OrderBy(step => Array.IndexOf(Order, step.Part))];
        return new WhyAnswer(question, recognisedAs, Reasons.Count == 0 ? "complete" : "partial", Reasons, Answer ?? (inOrder.Length > 0 ? inOrder[0].Sentence : ""), inOrder, Missing);
    }
}
