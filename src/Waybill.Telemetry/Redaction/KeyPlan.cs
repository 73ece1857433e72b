using System.Text;
using Waybill.Redaction.Detection;

namespace Waybill.Redaction;

/// <summary>What is done with the values of one key, decided once by <see cref="RuleSet.PlanFor"/>.</summary>
internal sealed class KeyPlan(byte[] key, Verdict? whole, SecretName secret, ulong detectors, ulong hints, Verdict[] verdicts, List<Rule> patterns)
{
    public byte[] Key { get; } = key;

    /// <summary>A rule has decided over the whole value; null when what is in it decides.</summary>
    public Verdict? Whole { get; } = whole;

    /// <summary>The key's name says that its value is a secret.</summary>
    public SecretName Secret { get; } = secret;

    /// <summary>The detectors that act here, as bits.</summary>
    public ulong Detectors { get; } = detectors;

    /// <summary>The detectors whose kind the key's words name, as bits.</summary>
    public ulong Hints { get; } = hints;

    public IReadOnlyList<Rule> Patterns { get; } = patterns;

    /// <summary>The key as it is stored: without what is sensitive in itself. Equal to <see cref="Key"/> for all but a few.</summary>
    public byte[] StoredKey { get; set; } = key;

    public bool RenamesKey => !ReferenceEquals(StoredKey, Key);

    /// <summary>What was found in the key itself; meaningful when it is renamed.</summary>
    public Detector InKey { get; set; }

    /// <summary>The stored key as findings spell it.</summary>
    public string Name => field ??= Encoding.UTF8.GetString(StoredKey);

    /// <summary>Numbers are looked at only where the key is reason to.</summary>
    public bool LooksAtNumbers => Whole is not null || Secret != SecretName.None || (Hints & Detectors) != 0;

    public Verdict Of(Detector detector) => verdicts[(int)detector];

    public Verdict Of(in Match match) => match.Detector switch
    {
        Detector.Key => Whole!,
        Detector.Pattern => _patternVerdicts[match.Pattern],
        _ => verdicts[(int)match.Detector],
    };

    private readonly Verdict[] _patternVerdicts =
        [.. patterns.Select(rule => new Verdict(rule.Action, rule.Name, rule.LengthMax, rule.Replacement is null ? null : Encoding.UTF8.GetBytes(rule.Replacement)))];
}

/// <summary>The plans of one place of a signal, by key; the same keys come at the same places, so each is first compared with the one that stood there before.</summary>
internal sealed class KeyPlans(RuleSet rules, RedactedSignal signal, Carrier carrier, byte[] service)
{
    /// <summary>Keys kept; beyond it the table starts afresh.</summary>
    private const int KeysMax = 8192, PlacesMax = 256;

    private readonly Dictionary<byte[], KeyPlan> _byKey = new(BytesComparer.Instance);
    private readonly List<KeyPlan?> _guesses = [];

    /// <summary>The plan of a key.</summary>
    /// <param name="place">The key's place among its item's keys.</param>
    /// <param name="isNew">The plan was made just now; the caller looks at the key itself.</param>
    public KeyPlan Of(ReadOnlySpan<byte> key, int place, out bool isNew)
    {
        isNew = false;
        if (place < _guesses.Count && _guesses[place] is { } guess && key.SequenceEqual(guess.Key)) return guess;
        if (!_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out KeyPlan? plan))
        {
            if (_byKey.Count >= KeysMax)
            {
                _byKey.Clear();
                _guesses.Clear();
            }
            plan = rules.PlanFor(signal, carrier, key, service);
            _byKey.Add(plan.Key, plan);
            isNew = true;
        }
        while (_guesses.Count <= place && _guesses.Count < PlacesMax) _guesses.Add(null);
        if (place < _guesses.Count) _guesses[place] = plan;
        return plan;
    }
}
