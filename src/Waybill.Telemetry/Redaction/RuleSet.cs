using System.Text;
using Waybill.Redaction.Detection;

namespace Waybill.Redaction;

public enum RedactionMode : byte
{
    /// <summary>Everything passes but what rules and detectors find.</summary>
    Deny,
    /// <summary>Attributes and free text pass only when the allow-list names them; rules and detectors then look at what passed.</summary>
    Allow,
}

/// <summary>All rules of one version, ready to be asked. Immutable; readers take the current one and never lock.</summary>
public sealed class RuleSet
{
    /// <summary>What every service needs to be known by; allow mode never drops these.</summary>
    private static readonly Glob[] AlwaysAllowed =
        [.. ((string[])["service.name", "service.namespace", "service.version", "service.instance.id", "deployment.environment*", "telemetry.*", "error.type", "exception.type",
            "http.request.method", "http.response.status_code", "http.route", "rpc.*", "db.system*", "db.operation.name", "db.collection.name", "messaging.system", "messaging.destination.name",
            "messaging.operation*", "otel.*", "server.address", "server.port", "network.protocol.*"]).Select(key => new Glob(key))];

    private static readonly Verdict NotAllowed = new(RedactionAction.Drop, "not-allowed");
    private const string DefaultRule = "default";

    private readonly IReadOnlyList<Rule> _rules;
    private readonly Verdict[] _defaults;

    /// <param name="rules">The file's rules, in the order in which they are asked.</param>
    /// <param name="allowed">The allow-list; looked at in allow mode only.</param>
    /// <param name="useDefaults">Whether the built-in detectors act on their own.</param>
    /// <param name="detectorActions">Detectors whose default action the file has changed.</param>
    /// <param name="version">Names this version; a digest of the file.</param>
    public RuleSet(IReadOnlyList<Rule> rules, IReadOnlyList<Allowance> allowed, RedactionMode mode, bool useDefaults, IReadOnlyDictionary<Detector, RedactionAction> detectorActions, string version)
    {
        (_rules, Allowed, Mode, UsesDefaults, DetectorActions, Version) = (rules, allowed, mode, useDefaults, detectorActions, version);
        _defaults = [.. Detectors.All.Select(info => new Verdict(ActionOf(info), DefaultRule))];
    }

    /// <summary>The built-in detectors with their own actions, and nothing else.</summary>
    public static RuleSet Default { get; } = new([], [], RedactionMode.Deny, true, new Dictionary<Detector, RedactionAction>(), "built-in");

    public IReadOnlyList<Rule> Rules => _rules;
    public IReadOnlyList<Allowance> Allowed { get; }
    public RedactionMode Mode { get; }
    public bool UsesDefaults { get; }
    public IReadOnlyDictionary<Detector, RedactionAction> DetectorActions { get; }
    public string Version { get; }

    /// <summary>Whether a service's name makes a difference, so that plans must be kept by service.</summary>
    internal bool AsksForService => _rules.Any(rule => rule.Services.Count > 0) || (Mode == RedactionMode.Allow && Allowed.Any(allowance => allowance.Services.Count > 0));

    /// <summary>What happens to what a detector finds, where no rule says otherwise.</summary>
    public RedactionAction ActionOf(DetectorInfo info) =>
        DetectorActions.TryGetValue(info.Detector, out RedactionAction action) ? action : UsesDefaults ? info.Default : RedactionAction.Keep;

    /// <summary>Decides once for a key what is done with its values.</summary>
    internal KeyPlan PlanFor(RedactedSignal signal, Carrier carrier, ReadOnlySpan<byte> key, ReadOnlySpan<byte> service)
    {
        var verdicts = new Verdict?[Detectors.All.Count];
        var patterns = new List<Rule>();
        Verdict? whole = null;
        foreach (var rule in _rules)
        {
            if (!rule.AppliesTo(signal, carrier, key, service)) continue;
            var verdict = new Verdict(rule.Action, rule.Name, rule.LengthMax, rule.Replacement is null ? null : Encoding.UTF8.GetBytes(rule.Replacement));
            foreach (var detector in rule.Detectors) verdicts[(int)detector] ??= verdict;
            if (rule.Pattern is not null) patterns.Add(rule);
            if (!rule.TakesWholeValue) continue;
            whole = verdict;
            break;
        }
        if (whole is null && Mode == RedactionMode.Allow && carrier.NeedsAllowing() && !IsAllowed(signal, key, service)) whole = NotAllowed;

        SecretName secret = SecretNames.Classify(key);
        var sensitive = verdicts[(int)Detector.SensitiveKey] ?? _defaults[(int)Detector.SensitiveKey];
        if (sensitive.Action == RedactionAction.Keep) secret = SecretName.None;
        ulong wanted = 0;
        for (int i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] ??= _defaults[i];
            if (verdicts[i]!.Action != RedactionAction.Keep) wanted |= 1UL << i;
        }
        return new KeyPlan(key.ToArray(), whole, secret, wanted, Hints.OfKey(key), verdicts!, patterns);
    }

    private bool IsAllowed(RedactedSignal signal, ReadOnlySpan<byte> key, ReadOnlySpan<byte> service)
    {
        foreach (var glob in AlwaysAllowed)
            if (glob.Matches(key)) return true;
        foreach (var allowance in Allowed)
            if (allowance.Covers(signal, key, service)) return true;
        return false;
    }
}
