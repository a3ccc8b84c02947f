using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Doors;

public static partial class DoorChecks
{
    /// <summary>A door that is not open.</summary>
    public static DoctorCheck Closed(string name) => Ok(name, "closed: no secret is set");

    /// <summary>A door that a signature opens.</summary>
    public static DoctorCheck BySignature(string name, string paths) =>
        Ok(name, $"{paths}, by signature");

    /// <summary>A door that two secrets open.</summary>
    public static DoctorCheck TwoSecrets(string name, string sources) =>
        Warn(
            name,
            $"two secrets open the door of {sources}",
            "When the host signs with the new one, remove Webhooks:Inbound:...:PreviousSecret."
        );

    /// <summary>An endpoint that is told of tasks.</summary>
    public static DoctorCheck Endpoint(
        string name,
        Uri address,
        IReadOnlyCollection<string> allowPrivate
    )
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(allowPrivate);
        var host = address.Host.Trim('[', ']');
        return address.Scheme != Uri.UriSchemeHttps
                ? Warn(
                    name,
                    $"messages to {host} go in plain text",
                    "Give an https address, and remove AllowPlaintext."
                )
            : allowPrivate.Count > 0
                ? Ok(
                    name,
                    $"{host}; of networks that are not public: {string.Join(", ", allowPrivate)}"
                )
            : Ok(name, $"{host}, on the public internet only");
    }
}
