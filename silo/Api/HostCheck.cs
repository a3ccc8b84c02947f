using System.Net;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Silo.Api;

/// <summary>
/// Refuses names that this server does not answer to, so that a web page cannot reach a loopback server by a name of its
/// own that resolves to 127.0.0.1. Behind a proxy name the public hosts in <c>AllowedHosts</c> (a;b).
/// </summary>
internal sealed class HostCheck(IConfiguration configuration)
{
    private readonly string[] allowed = (configuration["AllowedHosts"] ?? "").Split(
        ';',
        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
    );

    /// <summary>Null when the name is this server's.</summary>
    public Failure? Check(HttpContext context)
    {
        var host = context.Request.Host.Host;
        var local = context.Connection.LocalIpAddress;
        if (
            allowed.Contains("*")
            || allowed.Contains(host, StringComparer.OrdinalIgnoreCase)
            || (allowed.Length == 0 && local is not null && !IPAddress.IsLoopback(local))
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (
                IPAddress.TryParse(host.Trim('[', ']'), out var address)
                && IPAddress.IsLoopback(address)
            )
        )
        {
            return null;
        }
        return new Failure(
            FailureCodes.InvalidRequest,
            $"This server does not answer to the name '{(host.Length > 80 ? host[..80] : host)}'. Use 127.0.0.1, or add the name to AllowedHosts."
        );
    }
}
