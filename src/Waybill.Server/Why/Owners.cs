namespace Waybill.Why;

/// <summary>Who is to be asked about a service.</summary>
public sealed class Owners
{
    private readonly string _catalog = "/api/catalog/";

    internal void Tell(Story story, string service) =>
        story.Next($"Ask the owner of {service}.", new StepEvidence("owner", service, null, _catalog + Uri.EscapeDataString(service)));
}
