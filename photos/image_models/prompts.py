"""The words sent to a model provider. The user's own are quoted as wishes, never as instructions to us."""

from __future__ import annotations

from .protocol import RedesignRequest

RULES = (
    "You edit one photograph of a room. Keep the room: its walls, ceiling, floor area, windows, doors, "
    "pillars and radiators, the camera's position, lens and framing stay exactly where they are. "
    "Never add, move, enlarge or remove a window or a door. Never hide damage, damp or cracks. Change only "
    "colours, materials, furniture, textiles, decoration and light. No people, no text, no logo. "
    "Photorealistic, one picture, no collage."
)
STYLES = {
    "modern_norwegian": "modern Norwegian: linen white walls, one fjord-blue wall, pale oak, slate textiles",
    "minimalist_scandinavian": "minimalist Scandinavian: white walls, whitewashed planks, birch, few objects",
    "cozy_hygge": "cosy hygge: cream and clay walls, honey oak, wool and linen, warm low light",
    "fancy_dark_modern": "dark modern: grey walls, one deep green wall, walnut herringbone, brass accents",
    "industrial": "industrial: concrete greys, one brick-red wall, polished concrete, dark wood, leather",
    "bohemian": "bohemian: warm ochre walls, terracotta tiles, honey wood, teal and rust textiles, plants",
    "classic": "French classic: pearl walls, sage panelling colours, oak herringbone, mahogany, burgundy",
}


def instructions(request: RedesignRequest) -> str:
    lines = [RULES]
    if request.room_type:
        lines.append(f"Room: {request.room_type.replace('_', ' ')}.")
    if request.preset:
        lines.append(f"Style: {STYLES[request.preset]}.")
    for name, value in sorted(request.preferences.items()):
        lines.append(f"{name.replace('_', ' ').capitalize()}: {value.replace('_', ' ')}.")
    if request.prompt:
        wish = request.prompt.replace('"', "'")
        lines.append(f'The client wishes, within the rules above: "{wish}"')
    if request.references:
        lines.append("The further pictures are references for mood, colours and materials only.")
    return "\n".join(lines)
