using System.Globalization;

namespace Waybill.Changes.Inference;

/// <summary>What an instance runs, as its resource says. Two instances with the same of it are of one release.</summary>
/// <param name="Image">Digest of the container image, else its tag; empty outside of containers.</param>
public sealed record Release(string Version, string Image)
{
    /// <summary>What people call it.</summary>
    public string Name => Version.Length > 0 ? Version : Image.StartsWith("sha256:", StringComparison.Ordinal) && Image.Length > 19 ? Image[..19] : Image;
}

/// <summary>An instance of a service, and when telemetry of it first arrived.</summary>
public sealed record Sighting(string Service, string Namespace, string Environment, Release Release, string Instance, string Zone, string Commit, string Repository, long FirstSeenUnixSeconds)
{
    public string At => DateTimeOffset.FromUnixTimeSeconds(FirstSeenUnixSeconds).ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
