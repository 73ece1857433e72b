using System.CommandLine;
namespace Waybill.Commands;
internal static class SendCommand { public static Command Create() => new("send", "Send a test trace, a log record and a metric, and say where they landed."); }
