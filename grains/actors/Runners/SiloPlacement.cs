using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

#pragma warning disable ORLEANSEXP004 // placement filters are marked experimental; nothing else places by what a silo offers

namespace Orchestrator.Grains.Runners;

/// <summary>What a silo tells the others of itself.</summary>
public static class SiloTraits
{
    /// <summary>Name of its runner host; absent on a silo without one.</summary>
    public const string Host = "orchestrator.host";

    /// <summary><c>yes</c> on a silo that holds tasks, queue, subscribers and the API.</summary>
    public const string Control = "orchestrator.control";

    /// <summary>The value of <see cref="Control"/>.</summary>
    public const string Yes = "yes";
}

/// <summary>Wires placement by traits.</summary>
public static class SiloPlacementHosting
{
    /// <summary>Tells the other silos what this one offers, and places grains by what silos offer.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="host">Name of its runner host; empty = it runs no agents.</param>
    /// <param name="control">True: it holds tasks, queue and subscribers.</param>
    public static ISiloBuilder AddSiloPlacement(this ISiloBuilder silo, string host, bool control)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(host);
        var traits = new Dictionary<string, string>(StringComparer.Ordinal);
        if (host.Length > 0)
        {
            traits[SiloTraits.Host] = host;
        }
        if (control)
        {
            traits[SiloTraits.Control] = SiloTraits.Yes;
        }
        silo.UseSiloMetadata(traits);
        silo.Services.AddPlacementFilter<SiloPlacement, SiloPlacementDirector>(
            ServiceLifetime.Transient
        );
        return silo;
    }
}

/// <summary>The grain lives on the silo of the runner host that its key names, and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnItsHostAttribute()
    : PlacementFilterAttribute(new SiloPlacement(SiloTraits.Host));

/// <summary>The grain lives on silos with the role <c>control</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnControlSilosAttribute()
    : PlacementFilterAttribute(new SiloPlacement(SiloTraits.Control));

/// <summary>Which trait a grain's silo must have. Travels as a grain property, because another silo may place the grain.</summary>
public sealed class SiloPlacement : PlacementFilterStrategy
{
    private const string Property = "trait";

    /// <summary>For Orleans, which fills it by <see cref="AdditionalInitialize"/>.</summary>
    public SiloPlacement()
        : base(0) { }

    /// <summary>Asks for a trait of <see cref="SiloTraits"/>.</summary>
    public SiloPlacement(string trait)
        : base(0) => Trait = trait;

    /// <summary>The trait's name.</summary>
    public string Trait { get; private set; } = "";

    /// <inheritdoc />
    public override void AdditionalInitialize(GrainProperties properties) =>
        Trait = GetPlacementFilterGrainProperty(Property, properties) ?? "";

    /// <inheritdoc />
    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        IReadOnlyDictionary<string, string> existingProperties
    ) => [new(Property, Trait)];
}

/// <summary>Keeps the silos that have the wanted trait.</summary>
public sealed class SiloPlacementDirector(ISiloMetadataCache traits) : IPlacementFilterDirector
{
    /// <inheritdoc />
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy,
        PlacementTarget target,
        IEnumerable<SiloAddress> silos
    )
    {
        var trait = ((SiloPlacement)filterStrategy).Trait;
        var wanted =
            trait == SiloTraits.Host ? target.GrainIdentity.Key.ToString() ?? "" : SiloTraits.Yes;
        return silos.Where(s =>
            traits.GetSiloMetadata(s).Metadata.TryGetValue(trait, out var value)
            && value.Equals(wanted, StringComparison.OrdinalIgnoreCase)
        );
    }
}
