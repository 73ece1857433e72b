using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Waybill.Doctor;

/// <summary>Whether the three ports are free or the server's own.</summary>
internal static class PortCheck
{
    /// <param name="serverAnswers">Whether a Waybill server answers on its console, so that the ports are its.</param>
    public static Finding Examine(string name, int port, string variable, bool serverAnswers)
    {
        if (IsFree(port)) return serverAnswers ? Finding.Warn("ports", $"{port} ({name}) is free although a server answers: it listens elsewhere.", $"see what 'waybill serve' printed, or set WAYBILL_PORTS__{variable} here as there") : Finding.Ok("ports", $"{port} ({name}) is free");
        (int Id, string Name)? holder = Holder(port);
        if (serverAnswers && holder is null or { Name: "waybill" }) return Finding.Ok("ports", $"{port} ({name}) is the server's{(holder is { } own ? $", process {own.Id}" : "")}");
        string who = holder is { } other ? $"{Terminal.Visible.Of(other.Name)} (process {other.Id})" : "another user's process";
        return Finding.Fail("ports", $"{port} ({name}) is held by {who}", $"end it, or start the server with WAYBILL_PORTS__{variable}=PORT (0 is a free one)");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // /proc/net/tcp, one line per socket; 0A is LISTEN, the tenth field the socket's inode:
    //   0: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0  123456 1 ...
    private static (int Id, string Name)? Holder(int port)
    {
        if (!OperatingSystem.IsLinux()) return null;
        string hex = $":{port.ToString("X4", CultureInfo.InvariantCulture)}";
        HashSet<string> sockets = [];
        foreach (string table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table)) continue;
            foreach (string line in File.ReadLines(table).Skip(1))
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[3] == "0A" && fields[1].EndsWith(hex, StringComparison.Ordinal)) sockets.Add($"socket:[{fields[9]}]");
            }
        }
        if (sockets.Count == 0) return null;
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && Holds(directory, sockets))
                return (id, File.ReadAllText(Path.Combine(directory, "comm")).Trim());
        return null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // Ended meanwhile, or another user's.
        }
    }
}
