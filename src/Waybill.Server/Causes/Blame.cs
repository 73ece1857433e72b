namespace Waybill.Causes;

/// <summary>A part's rise, or a share of it, laid at one service's door.</summary>
/// <param name="Instances">Span whose instance holds the time: the part's own span, or the callee's under it.</param>
public sealed record Blamed(int Service, PartShift Part, double Share, bool AtCallee);

/// <summary>
/// Decides who is to blame for time spent between two services. Both ends look alike from one call, so their other calls decide: whose other edges are slow too?
/// </summary>
public sealed class Blame
{
    /// <summary>What an end is held for when it has no other edges. With client spans the callee is the likelier end: its side holds the queue and the network of the callee.</summary>
    private const double CalleePrior = 0.6, CallerPrior = 0.4;
    /// <summary>Without client spans the way is inside the caller's own time, which is the likelier explanation.</summary>
    private const double OwnPrior = 0.8, DirectCalleePrior = 0.2;
    private const int SpansMin = 3;
    /// <summary>Less than what is believed alone: a service's parts are judged together.</summary>
    private const double ZPooled = 2.5;

    private readonly SpanSample _sample;
    private readonly PartShift[] _shifts;
    private readonly Silence _silence;
    private readonly Dictionary<int, HashSet<int>> _directCallees = [];   // operation without client spans -> services it calls
    private readonly Dictionary<int, double> _own = [];                   // service -> how anomalous its own time is
    private readonly List<(int Caller, int Callee, double Anomaly, int Operation)> _edges = [];

    public Blame(SpanSample sample, CallForest forest, PartShift[] shifts, Silence silence)
    {
        (_sample, _shifts, _silence) = (sample, shifts, silence);
        for (int i = 0; i < sample.Count; i++)
        {
            int p = sample.Parent[i];
            if (p < 0 || !forest.Waited[i] || forest.IsClient[sample.Operation[p]] || sample.Spans[i].Service == sample.Spans[p].Service) continue;
            if (!_directCallees.TryGetValue(sample.Operation[p], out var callees)) _directCallees[sample.Operation[p]] = callees = [];
            callees.Add(sample.Spans[i].Service);
        }
        foreach (var shift in shifts)
        {
            if (shift.Shift.WindowCount < SpansMin) continue;
            int service = ServiceOf(shift);
            if (shift.Part.Type == PartType.Way) _edges.Add((service, shift.Part.Far, Anomaly(shift), shift.Part.Operation));
            if (shift.Part.Type != PartType.Own) continue;
            if (_directCallees.TryGetValue(shift.Part.Operation, out var callees))
                foreach (int callee in callees) _edges.Add((service, callee, Anomaly(shift), shift.Part.Operation));
            else _own[service] = Math.Max(_own.GetValueOrDefault(service), Anomaly(shift));
        }
    }

    /// <summary>How sure and how large a rise is, 0 to 1.</summary>
    public static double Anomaly(PartShift shift) => shift.Shift.Certain * shift.Effect;

    public List<Blamed> Assign()
    {
        var blamed = new List<Blamed>();
        foreach (var shift in _shifts)
        {
            if (shift.Shift.Z < ZPooled || shift.Effect <= 0.05) continue;
            int service = ServiceOf(shift);
            if (shift.Part.Type == PartType.Way)
            {
                double share = ShareOf(Support(shift.Part.Far, service, shift.Part.Far, CalleePrior), Support(service, service, shift.Part.Far, CallerPrior));
                Add(shift.Part.Far, shift, share, true);
                Add(service, shift, 1 - share, false);
            }
            else if (shift.Part.Type == PartType.Own && _directCallees.TryGetValue(shift.Part.Operation, out var callees))
            {
                double own = OwnSupport(service, shift.Part.Operation);
                int likeliest = callees.MaxBy(callee => (Support(callee, service, callee, DirectCalleePrior), -callee));
                double share = ShareOf(Support(likeliest, service, likeliest, DirectCalleePrior), own);
                Add(likeliest, shift, share, true);
                Add(service, shift, 1 - share, false);
            }
            else Add(service, shift, 1, false);
        }
        return blamed;

        void Add(int service, PartShift shift, double share, bool atCallee)
        {
            if (share > 0.05) blamed.Add(new Blamed(service, shift, share, atCallee));
        }
    }

    private int ServiceOf(PartShift shift) => _sample.Operations[shift.Part.Operation].Service;

    private static double ShareOf(double one, double other) => one * one / (one * one + other * other);

    /// <summary>How anomalous a service's edges are, the one between caller and callee left out, and its own time.</summary>
    private double Support(int service, int caller, int callee, double prior)
    {
        double sum = prior;
        int count = 1;
        foreach (var edge in _edges)
        {
            if ((edge.Caller != service && edge.Callee != service) || (edge.Caller == caller && edge.Callee == callee)) continue;
            sum += edge.Anomaly;
            count++;
        }
        if (_own.TryGetValue(service, out double own))
        {
            sum += own;
            count++;
        }
        if (_silence.IsAnySilent(service)) sum += count;   // who does not answer is waited for
        return sum / count;
    }

    private double OwnSupport(int service, int except)
    {
        double sum = OwnPrior;
        int count = 1;
        foreach (var shift in _shifts)
        {
            if (shift.Part.Type != PartType.Own || shift.Part.Operation == except || ServiceOf(shift) != service || shift.Shift.WindowCount < SpansMin) continue;
            sum += Anomaly(shift);
            count++;
        }
        return sum / count;
    }
}
