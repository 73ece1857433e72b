using Waybill.Catalogs;

namespace Waybill.Why;

/// <summary>Who is to be asked about a service, and what to read first.</summary>
public sealed class Owners(Catalog catalog)
{
    internal void Tell(Story story, string service)
    {
        string link = $"/api/catalog/{Uri.EscapeDataString(service)}";
        if (catalog.OwnerOf(service) is not { } entry)
        {
            story.Next($"Find out who owns {service}: no catalog file names it.", new StepEvidence("owner", service, CatalogEntry.Unowned, link));
            return;
        }
        foreach (Reference runbook in entry.Runbooks ?? [])
            story.Next($"Follow the runbook \"{runbook.Title}\".", new StepEvidence("runbook", runbook.Title, service, runbook.Url));
        string[] traits = [.. new[] { entry.Criticality, entry.System is null ? null : $"system {entry.System}" }.OfType<string>()];
        story.Next($"Ask {entry.OwnerName ?? entry.Owner}{(entry.Reach is null ? "" : $" ({entry.Reach})")}, who owns {service}{(traits.Length == 0 ? "" : $" ({string.Join(", ", traits)})")}.",
            new StepEvidence("owner", entry.OwnerName ?? entry.Owner, entry.Owner, link));
    }
}
