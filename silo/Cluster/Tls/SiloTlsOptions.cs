namespace Orchestrator.Silo.Cluster.Tls;

/// <summary>Section <c>Cluster:Tls</c>: mutual TLS between silos. On when <see cref="Certificate"/> is set.</summary>
internal sealed class SiloTlsOptions
{
    /// <summary>Full path of this silo's certificate with the DNS name <c>orchestrator-silo</c>: PEM (its chain may follow) or PFX. Default empty = no TLS.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Full path of the PEM private key when it is not in the file of <see cref="Certificate"/>.</summary>
    public string Key { get; set; } = "";

    /// <summary>Password of the key or the PFX, or empty.</summary>
    public string Password { get; set; } = "";

    /// <summary>Full path of a PEM file with the certificates of the authorities that sign silos; no other is trusted, the system's neither.</summary>
    public string Authority { get; set; } = "";

    /// <summary>True when silos talk TLS.</summary>
    public bool IsOn() => Certificate.Length + Key.Length + Authority.Length > 0;
}
