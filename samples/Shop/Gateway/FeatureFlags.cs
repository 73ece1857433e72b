using System.Text;

namespace Shop;

/// <summary>Feature flags: a fifth of the users get <c>on</c>. Each evaluation is a log record, as the feature flag conventions ask.</summary>
public static class FeatureFlags
{
    private static readonly EventId Evaluation = new(0, "feature_flag.evaluation");

    public static bool IsOn(string flag, string user, ILogger log)
    {
        bool on = Bucket($"{flag}/{user}") < 20;
        KeyValuePair<string, object?>[] attributes =
        [
            new("feature_flag.key", flag),
            new("feature_flag.provider.name", "shop"),
            new("feature_flag.result.variant", on ? "on" : "off"),
            new("feature_flag.result.reason", "split"),
            new("feature_flag.context.id", user),
            new("feature_flag.version", "3"),
        ];
        log.Log(LogLevel.Information, Evaluation, attributes, null, static (state, _) => $"Flag {state[0].Value} is {state[2].Value}");
        return on;
    }

    /// <summary>0 to 99, the same for a key in every process (<see cref="string.GetHashCode()"/> is not): FNV-1a.</summary>
    public static int Bucket(string key)
    {
        uint hash = 2166136261;
        foreach (byte octet in Encoding.UTF8.GetBytes(key)) hash = (hash ^ octet) * 16777619;
        return (int)(hash % 100);
    }
}
