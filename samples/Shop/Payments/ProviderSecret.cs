namespace Shop;

/// <summary>The provider's secret, held in memory as services do; a rotation writes a new one to the file they share.</summary>
public sealed class ProviderSecret(ILogger log)
{
    public static string FilePath => Path.Combine(Role.DataDirectory, "provider.secret");

    public string Current { get; private set; } = File.ReadAllText(FilePath);

    private static string Zone => Environment.GetEnvironmentVariable("SHOP_ZONE") ?? "a";

    /// <summary>Reads the secret again, unless this is the zone that the fault credential-rotation keeps from it.</summary>
    public void Rotated(bool failing, string? zone)
    {
        if (failing && zone == Zone)
        {
            log.LogError(new UnauthorizedAccessException("Reading secret 'payment-provider' is denied by the policy of this zone."),
                "Secret {secret.name} was rotated, but could not be read again; going on with the old one", "payment-provider");
            return;
        }
        Current = File.ReadAllText(FilePath);
        log.LogInformation("Secret {secret.name} was read again after its rotation", "payment-provider");
    }
}
