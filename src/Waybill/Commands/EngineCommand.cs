using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Waybill.Engine;
using Waybill.Engine.Host;

namespace Waybill.Commands;

/// <summary><c>waybill engine</c>: the embedded ClickHouse as a process of its own. <c>waybill serve</c> starts it; a person rarely does.</summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Directory of the engine; one process at a time." };
        var socket = new Option<string?>("--socket") { Description = "Unix socket to answer the ClickHouse HTTP interface on (mode 0600)." };
        var memory = new Option<long?>("--memory-bytes") { Description = "Memory of the whole engine; 1,500,000,000 by default." };
        var options = new Option<string?>("--options") { Description = "All options as JSON, as 'waybill serve' passes them.", Hidden = true };
        var parent = new Option<int?>("--parent") { Description = "End when this process, or standard input, ends.", Hidden = true };
        var keys = new Option<int>("--keys-on-input") { Description = "So many keys for encrypted tables are the first lines of standard input.", Hidden = true };
        var selfTest = new Option<bool>("--self-test") { Description = "Only prove that signals are intact, then end.", Hidden = true };

        var command = new Command("engine", "Run the embedded ClickHouse engine on a Unix socket.") { data, socket, memory, options, parent, keys, selfTest };
        command.SetAction(async (parsed, _) =>
        {
            var host = parsed.GetValue(options) is { } json
                ? JsonSerializer.Deserialize<EngineHostOptions>(json)!
                : new EngineHostOptions { DataDirectory = parsed.GetValue(data) ?? "", SocketPath = parsed.GetValue(socket) ?? "" };
            if (parsed.GetValue(memory) is { } bytes) (host.MemoryBytesMax, host.QueryMemoryBytesMax) = (bytes, Math.Min(host.QueryMemoryBytesMax, bytes / 2));
            host.ParentProcessId = parsed.GetValue(parent) ?? host.ParentProcessId;

            if (parsed.GetValue(keys) is > 0 and var count)
            {
                using var input = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
                host.EncryptionKeys = EngineKeys.Read(input, count);
            }

            List<ValidationResult> problems = [];
            if (Validator.TryValidateObject(host, new ValidationContext(host), problems, validateAllProperties: true))
                return await EngineHost.Run(host, parsed.GetValue(selfTest));

            foreach (var problem in problems) await Console.Error.WriteLineAsync($"waybill engine: {problem.ErrorMessage}");
            return 2;
        });
        return command;
    }
}
