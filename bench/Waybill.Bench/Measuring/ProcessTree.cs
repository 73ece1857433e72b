using System.Globalization;

namespace Waybill.Measuring;

/// <summary>CPU time and memory of processes and all they started, from /proc (proc(5)).</summary>
internal sealed class ProcessTree(IReadOnlyList<int> roots)
{
    /// <summary>USER_HZ: 100 on every Linux .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly record struct Stat(int Id, int Parent, long Ticks);

    /// <summary>User and system time of all processes of the tree, those included that have ended and were waited for.</summary>
    public double CpuSeconds() => Members().Sum(process => process.Ticks) / TicksPerSecond;

    /// <summary>Resident memory now: pages shared by two processes count twice.</summary>
    public long ResidentBytes() => Members().Sum(process => ResidentPages(process.Id)) * Environment.SystemPageSize;

    /// <summary>Proportional memory now: a page shared by n processes counts 1/n in each. Dearer to read than <see cref="ResidentBytes"/>.</summary>
    public long ProportionalBytes() => Members().Sum(process => ProportionalKib(process.Id)) * 1024;

    public int Count => Members().Count;

    private List<Stat> Members()
    {
        var all = new List<Stat>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory), out int id) && Read(id) is { } stat) all.Add(stat);

        var children = all.ToLookup(process => process.Parent);
        var members = all.Where(process => roots.Contains(process.Id)).ToList();
        for (int i = 0; i < members.Count; i++)
            members.AddRange(children[members[i].Id].Where(child => !roots.Contains(child.Id)));
        return members;
    }

    // "123 (name may have ) and spaces) S ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime ..."
    private static Stat? Read(int id)
    {
        if (Text($"/proc/{id}/stat") is not { } text) return null;
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new(id, Number(fields[1]), Enumerable.Range(11, 4).Sum(field => long.Parse(fields[field], CultureInfo.InvariantCulture)));
    }

    // statm: "size resident shared ..." in pages
    private static long ResidentPages(int id) => Text($"/proc/{id}/statm") is { } text ? Number(text.Split(' ')[1]) : 0;

    // smaps_rollup: "Pss:      12345 kB"
    private static long ProportionalKib(int id)
    {
        string? line = Text($"/proc/{id}/smaps_rollup")?.Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // A process may end between being listed and being read.
    private static string? Text(string path)
    {
        try { return File.ReadAllText(path); }
        catch (IOException) { return null; }
        catch (UnauthorizedAccessException) { return null; }
    }
}
