"""The pictures and documents that posts refer to as `chart:trs` or `pdf:budget`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.demo.papers import agenda, budget_note, deliveries, measures
from app.demo.pictures import picture
from app.demo.reading import french
from app.demo.shapes import File

ALTS = {
    "trs": "Histogramme du taux de rendement sur douze semaines",
    "ppm": "Histogramme des rebuts internes sur douze semaines",
    "erp": "Histogramme de l'avancement du projet ERP",
    "evacuation": "Histogramme des temps d'évacuation",
    "bruit": "Courbes de niveau de bruit du prototype",
    "endurance": "Courbes d'endurance de trois pompes",
    "planning": "Planning du projet en huit lots",
    "servante": "Croquis d'une servante d'atelier à étages",
    "stand": "Croquis d'un mobilier de stand",
    "glace": "Coupe d'une pompe à pistons axiaux, cinq repères",
    "banc": "Schéma hydraulique du banc d'essais",
    "groupe": "Schéma hydraulique d'un groupe",
    "securite": "Affiche de la campagne sécurité, une main levée",
    "portes": "Affiche des portes ouvertes",
    "metiers": "Affiche du forum des métiers",
    "rando": "Collines au lever du soleil",
    "atelier": "L'allée centrale de l'atelier, vide, au petit matin",
    "palier": "Plateau de pompe usé, posé sur un établi",
    "equipe": "Une équipe de sept personnes, à contre-jour",
}
PAPERS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "budget": ("note-de-cadrage.pdf", "application/pdf", budget_note),
    "livraisons": ("livraisons.csv", "text/csv", partial(deliveries, 1)),
    "mesures": ("mesures-coulee-4458.csv", "text/csv", partial(measures, 1)),
    "programme": ("programme.txt", "text/plain", agenda),
}


def file(name: str, seed: object) -> File:
    """The file a post asks for by name, drawn only when it is read."""
    label = name.rpartition(":")[2]
    if label in PAPERS:
        return File(PAPERS[label][0], PAPERS[label][1], "", PAPERS[label][2])
    return File(f"{label}.png", "image/png", french(ALTS[label]), partial(picture, label, seed))
