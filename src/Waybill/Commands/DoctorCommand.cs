using System.CommandLine;
namespace Waybill.Commands;
internal static class DoctorCommand { public static Command Create() => new("doctor", "Check."); }
