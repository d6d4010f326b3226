/** Serial numbers over USB that begin so belong to devices which a program plays: no camera of a maker has one. */
export const VIRTUAL_SERIAL = "VIRTUAL-";
